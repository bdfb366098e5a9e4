import { cidr, type Family, formatCidr } from '../model/address.ts'
import { GROUP_BASE, GROUP_MASK, groupOf } from '../model/ownership.ts'
import { formatPorts } from '../model/ports.ts'
import type { PortRange } from '../model/topology.ts'

/** Matches in the order in which iptables-save prints them, so that a rule reads back as it was written. */
export interface Match {
  source?: string
  destination?: string
  in?: string
  out?: string
  protocol?: string
  ports?: PortRange
  /** Ready-made `-m …` parts. */
  modules?: string[]
}

export function rule(match: Match, target: string): string {
  const parts = [
    match.source && `-s ${prefixed(match.source)}`,
    match.destination && `-d ${prefixed(match.destination)}`,
    match.in && `-i ${match.in}`,
    match.out && `-o ${match.out}`,
    match.protocol && `-p ${match.protocol}`,
    match.ports && `-m ${match.protocol} --dport ${formatPorts(match.ports, ':')}`,
    ...(match.modules ?? []),
    `-j ${target}`,
  ]
  return parts.filter(part => part).join(' ')
}

/** Packets from, to, or between the topology's own host-side interfaces. */
export function fromGroup(topology: string): string {
  return `-m devgroup --src-group ${hex(groupOf(topology))}`
}

export function toGroup(topology: string): string {
  return `-m devgroup --dst-group ${hex(groupOf(topology))}`
}

/** Packets from a namespace of any topology. */
export const FROM_ANY_TOPOLOGY = `-m devgroup --src-group ${hex(GROUP_BASE)}/${hex(GROUP_MASK)}`

export function state(states: string): string {
  return `-m conntrack --ctstate ${states}`
}

export function notState(states: string): string {
  return `-m conntrack ! --ctstate ${states}`
}

export const LOOPBACK_NETWORK: Record<Family, string> = { ipv4: '127.0.0.0/8', ipv6: '::1/128' }

/** iptables-save always prints the prefix. */
function prefixed(text: string): string {
  return formatCidr(cidr(text))
}

/** As iptables and `ip rule` print groups and marks. */
export function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`
}
