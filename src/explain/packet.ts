import { bracketed, type Family } from '../model/address.ts'

export type PacketProtocol = 'tcp' | 'udp' | 'sctp' | 'icmp'

/** A client's port is the kernel's to choose: it is only known to lie in its range. */
export type PacketPort = number | 'ephemeral' | null

/** Who talks to whom, as it stands in the header; ports are null for ICMP. */
export interface Tuple {
  source: string
  sourcePort: PacketPort
  destination: string
  destinationPort: PacketPort
}

export interface Packet {
  family: Family
  protocol: PacketProtocol
  tuple: Tuple
  /** An answer: SYN and ACK, an echo reply. */
  reply: boolean
  mark: number
}

export function reversed({ source, sourcePort, destination, destinationPort }: Tuple): Tuple {
  return {
    source: destination,
    sourcePort: destinationPort,
    destination: source,
    destinationPort: sourcePort,
  }
}

export function sameTuple(a: Tuple, b: Tuple): boolean {
  return (
    a.source === b.source &&
    a.sourcePort === b.sourcePort &&
    a.destination === b.destination &&
    a.destinationPort === b.destinationPort
  )
}

/** `192.0.2.1:80`, `[2001:db8::1]:80`, or without port. */
export function endpoint(address: string, port: PacketPort): string {
  if (port === null || port === 'ephemeral') return address
  return `${bracketed(address)}:${port}`
}

/** What one network namespace remembers of a flow that has come through: what it translates, both ways. */
export interface Connection {
  original: Tuple
  /** The original direction as it leaves. */
  translated: Tuple
  mark: number
  /** Each end is translated at most once, for the first packet. */
  destinationDone: boolean
  sourceDone: boolean
  answered: boolean
}

/** In place of a source that the sender's kernel is to choose. */
export const UNSPECIFIED: Record<Family, string> = { ipv4: '0.0.0.0', ipv6: '::' }
