import type { Option } from '../../firewall/codec/rule.ts'
import { portRange } from '../../firewall/codec/selector.ts'
import { cidr, contains, type Family, familyOf, parseNetwork } from '../../model/address.ts'
import type { Routed } from '../../model/host/network-stack.ts'
import type { Packet, PacketPort } from '../packet.ts'

/** What a match says of a packet; null: that cannot be told. */
export type Truth = boolean | null

/** The packet where it is met, with what the kernel knows of it there. */
export interface Sight {
  packet: Packet
  input: string | null
  output: string | null
  /** NEW, ESTABLISHED, INVALID or UNTRACKED, with DNAT and SNAT beside it. */
  states: ReadonlySet<string>
  direction: 'ORIGINAL' | 'REPLY'
  connectionMark: number
  /** As the first packet had it, for --ctorigdst and its like. */
  original: Packet['tuple'] | null
  groupOf(link: string | null): number | null
  /** LOCAL, UNICAST, BROADCAST, MULTICAST… */
  typeOf(address: string): string | null
  /** The way back to the source, where a rule asks for it. */
  back: Routed | null
  bridged: boolean
}

export function addressMatches(text: string, address: string): Truth {
  const network = parseNetwork(text)
  // A mask with holes in it.
  if (network === null) return null
  return contains(network, cidr(address))
}

const NUMBERS: Record<string, number> = { icmp: 1, tcp: 6, udp: 17, 'ipv6-icmp': 58, icmpv6: 58, sctp: 132 }

export function protocolMatches(text: string, { protocol, family }: Packet): boolean {
  if (text === 'all' || text === '0') return true
  const own = protocol === 'icmp' && family === 'ipv6' ? 58 : NUMBERS[protocol]
  return (NUMBERS[text] ?? Number(text)) === own
}

/** The range the kernel takes a client's port from; an administrator may have moved it. */
const EPHEMERAL = [32768, 60999] as const

/** `80` or `1024:65535`, open on either side. */
export function portMatches(range: string, port: PacketPort): Truth {
  const ports = portRange(range)
  if (ports === null) return null
  const { first, last } = ports
  if (port === null) return false
  if (port !== 'ephemeral') return port >= first && port <= last
  if (first <= EPHEMERAL[0] && last >= EPHEMERAL[1]) return true
  return last < EPHEMERAL[0] || first > EPHEMERAL[1] ? false : null
}

/** True when any is; unknown when none is but one may be. */
export function anyOf(truths: Truth[]): Truth {
  if (truths.includes(true)) return true
  return truths.includes(null) ? null : false
}

/** `0x1/0xff` or `1`. */
export function maskedEquals(text: string, value: number): Truth {
  const [wanted, mask = '0xffffffff'] = text.split('/')
  const [number, bits] = [Number(wanted), Number(mask)]
  if (Number.isNaN(number) || Number.isNaN(bits)) return null
  return (value & bits) >>> 0 === number >>> 0
}

/** A group by name is as good as its number in /etc/iproute2/group; only `default` is the same everywhere. */
export function groupMatches(text: string, group: number | null): Truth {
  if (group === null) return false
  return text === 'default' ? group === 0 : maskedEquals(text, group)
}

/** The flags that a first packet, or its answer, bears. */
export function flagsMatch([mask = '', set = '']: string[], reply: boolean): boolean {
  const own = reply ? ['SYN', 'ACK'] : ['SYN']
  const looked = mask === 'ALL' ? ALL_FLAGS : mask.split(',')
  const wanted = set === 'NONE' ? [] : set === 'ALL' ? ALL_FLAGS : set.split(',')
  return looked.every(flag => own.includes(flag) === wanted.includes(flag))
}

const ALL_FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG']

/** `8`, `8/0`, `any`, or a name as older versions print it. */
export function icmpMatches(text: string, family: Family, reply: boolean): boolean {
  const [request, answer] = family === 'ipv4' ? [8, 0] : [128, 129]
  const type = ICMP_NAMES[text] ?? Number(text.split('/', 1)[0])
  return text === 'any' || type === 255 || type === (reply ? answer : request)
}

const ICMP_NAMES: Record<string, number> = { 'echo-request': 8, 'echo-reply': 0 }

/** `10.0.0.1-10.0.0.9`. */
export function rangeMatches(text: string, address: string): boolean {
  const [first = '', last = first] = text.split('-')
  if (familyOf(first) !== familyOf(address)) return false
  const value = cidr(address).address
  return value >= cidr(first).address && value <= cidr(last).address
}

export function words({ values }: Option): string[] {
  return (values[0] ?? '').split(',')
}
