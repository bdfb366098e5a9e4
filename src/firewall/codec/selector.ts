import type { PortRange } from '../../model/topology.ts'
import type { Option, Rule } from './rule.ts'

/** What a packet has to have, or must not have. */
export type FieldCondition<T> = { is: T; not?: undefined } | { not: T; is?: undefined }

/** The packets that a rule is for, as far as planning reasons about them; what is undefined holds for all. */
export interface Selector {
  source: FieldCondition<string> | undefined
  destination: FieldCondition<string> | undefined
  in: FieldCondition<string> | undefined
  out: FieldCondition<string> | undefined
  protocol: FieldCondition<string> | undefined
  /** Destination ports. */
  ports: FieldCondition<PortRange[]> | undefined
  /** States of its connection, as NEW. */
  states: FieldCondition<string[]> | undefined
  /** What the rule asks for besides: whoever decides from it decides without knowing whether that holds. */
  unread: Option[]
}

type Field = Exclude<keyof Selector, 'unread'>

export function selectorOf({ options }: Rule): Selector {
  const found: Partial<Record<Field, FieldCondition<unknown>>> = {}
  const unread: Option[] = []
  for (const option of options) {
    if (asksNothing(option)) continue
    const reader = READERS.get(option.name)
    const value = reader?.modules.includes(option.module) ? reader.read(option.values[0] ?? '') : null
    // Twice the same condition: both have to hold, which one field cannot say.
    if (!reader || value === null || found[reader.field]) unread.push(option)
    else found[reader.field] = option.negated ? { not: value } : { is: value }
  }
  const { source, destination, in: input, out, protocol, ports, states } = found as Omit<Selector, 'unread'>
  return { source, destination, in: input, out, protocol, ports, states, unread }
}

/**
 * Whether a selector says all that its rule does, and by nothing that packets must not have. `immaterial`: options that
 * whoever asks needs not know of.
 */
export function isExact(
  { unread, ...conditions }: Selector,
  immaterial: (option: Option) => boolean = () => false,
): boolean {
  return unread.every(immaterial) && Object.values(conditions).every(one => one?.not === undefined)
}

/** Whether an interface is the one that a rule names: `eth+` stands for every name that begins so. */
export function interfaceMatches(pattern: string, name: string): boolean {
  return pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : pattern === name
}

/** `80`, `1024:65535`, open on either side; null for what is none. */
export function portRange(text: string): PortRange | null {
  const [low = '', high = low] = text.split(':')
  const [first, last] = [Number(low || 0), Number(high || 65535)]
  return Number.isNaN(first) || Number.isNaN(last) ? null : { first, last }
}

/** Whether a module asks for nothing by itself: only its options do, each of them one of the rule's. */
export function matchesByOptions(module: string): boolean {
  return BY_OPTIONS.has(module)
}

const BY_OPTIONS = new Set([
  ...['tcp', 'udp', 'sctp', 'dccp', 'udplite', 'icmp', 'icmp6', 'multiport', 'conntrack', 'state', 'mark'],
  ...['connmark', 'devgroup', 'addrtype', 'comment', 'iprange', 'pkttype', 'owner', 'physdev'],
])

function asksNothing({ module, name }: Option): boolean {
  return name === '-m' ? matchesByOptions(module) : name === '--comment' && module === 'comment'
}

interface Reader {
  field: Field
  modules: string[]
  /** Null: not understood. */
  read(value: string): string | string[] | PortRange[] | null
}

const READERS = new Map<string, Reader>([
  ['-s', { field: 'source', modules: [''], read: value => value }],
  ['-d', { field: 'destination', modules: [''], read: value => value }],
  ['-i', { field: 'in', modules: [''], read: value => value }],
  ['-o', { field: 'out', modules: [''], read: value => value }],
  ['-p', { field: 'protocol', modules: [''], read: value => value }],
  ['--dport', { field: 'ports', modules: ['tcp', 'udp', 'sctp'], read: portRanges }],
  ['--dports', { field: 'ports', modules: ['multiport'], read: portRanges }],
  ['--ctstate', { field: 'states', modules: ['conntrack'], read: value => value.split(',') }],
  ['--state', { field: 'states', modules: ['state'], read: value => value.split(',') }],
])

function portRanges(list: string): PortRange[] | null {
  const ranges = list.split(',').map(portRange)
  return ranges.every(range => range !== null) ? ranges : null
}
