import { type EndpointPorts, parseEndpoint, parseEndpointPorts } from '../../firewall/codec/endpoint.ts'
import { hasOption, optionValue, type Target } from '../../firewall/codec/rule.ts'
import { BITS, cidr, formatAddress } from '../../model/address.ts'
import type { PacketPort, Tuple } from '../packet.ts'

/** What a target does to a packet that stays on its way. */
export interface Effect {
  mark?: number
  connectionMark?: number
  untracked?: true
}

/** Targets that let the packet go on to the next rule and change nothing that matters to where it goes. */
const PASSING = new Set([
  ...['LOG', 'NFLOG', 'ULOG', 'TRACE', 'AUDIT', 'TCPMSS', 'TCPOPTSTRIP', 'DSCP', 'TOS', 'TTL', 'HL', 'ECN'],
  ...['CLASSIFY', 'CHECKSUM', 'SET', 'SECMARK', 'CONNSECMARK', 'IDLETIMER', 'RATEEST', 'LED', 'HMARK', 'TEE'],
])

export function isPassing(target: string): boolean {
  return PASSING.has(target)
}

/** Of MARK, CONNMARK, CT and NOTRACK; null for what is none of them, or an option that is not known. */
export function effectOf(target: Target, mark: number, connectionMark: number): Effect | null {
  const { name } = target
  if (name === 'NOTRACK') return { untracked: true }
  if (name === 'CT') return hasOption(target, '--notrack') ? { untracked: true } : {}
  if (name !== 'MARK' && name !== 'CONNMARK') return null
  const bits = (option: string) => Number(optionValue(target, option) ?? 0xffffffff) >>> 0
  if (hasOption(target, '--restore-mark')) {
    const kept = (mark & ~bits('--nfmask')) >>> 0
    return { mark: (kept ^ (connectionMark & bits('--ctmask'))) >>> 0 }
  }
  if (hasOption(target, '--save-mark')) {
    const kept = (connectionMark & ~bits('--ctmask')) >>> 0
    return { connectionMark: (kept ^ (mark & bits('--nfmask'))) >>> 0 }
  }
  const before = name === 'MARK' ? mark : connectionMark
  const after = marked(target, before)
  if (after === null) return null
  return name === 'MARK' ? { mark: after } : { connectionMark: after }
}

/** `--set-xmark 0x1/0xff`, which clears the mask's bits and then flips the value's; `--set-mark` sets them. */
function marked(target: Target, before: number): number | null {
  const flips = optionValue(target, '--set-xmark')
  const text = flips ?? optionValue(target, '--set-mark')
  if (text === null) return null
  const [value, mask = '0xffffffff'] = text.split('/')
  const kept = (before & ~Number(mask)) >>> 0
  return (flips === null ? kept | Number(value) : kept ^ Number(value)) >>> 0
}

export interface NatRewrite {
  address: string | null
  port: PacketPort
}

/** Where `--to-destination` or `--to-source` leads from a port; null for a choice between several. */
export function translationOf(text: string | null, was: PacketPort): NatRewrite | null {
  if (text === null) return null
  const { address, ports } = parseEndpoint(text)
  const port = ports === null ? was : portIn(ports, was)
  return port === undefined || address?.includes('-') ? null : { address, port }
}

/** The same of `--to-ports`. */
export function portOf(text: string | null, was: PacketPort): PacketPort | undefined {
  const ports = text === null ? null : parseEndpointPorts(text)
  return ports === null ? was : portIn(ports, was)
}

/** Undefined where the kernel chooses one of several. */
function portIn({ first, last, base }: EndpointPorts, was: PacketPort): PacketPort | undefined {
  if (first === last) return first
  if (typeof was !== 'number') return undefined
  if (base !== null) return first + ((was - base) % (last - first + 1))
  // A port that lies in the range is kept.
  return was >= first && was <= last ? was : undefined
}

/** NETMAP: the network part of an address is exchanged, the host part kept. */
export function mapped(network: string, address: string): string {
  const to = cidr(network)
  const own = cidr(address)
  const bits = BigInt(BITS[own.family] - to.prefix)
  const host = own.address & ((1n << bits) - 1n)
  return formatAddress({ ...own, address: ((to.address >> bits) << bits) | host })
}

export function withDestination(tuple: Tuple, { address, port }: NatRewrite): Tuple {
  return {
    ...tuple,
    destination: address ?? tuple.destination,
    destinationPort: tuple.destinationPort === null ? null : port,
  }
}

export function withSource(tuple: Tuple, { address, port }: NatRewrite): Tuple {
  return {
    ...tuple,
    source: address ?? tuple.source,
    sourcePort: tuple.sourcePort === null ? null : port,
  }
}
