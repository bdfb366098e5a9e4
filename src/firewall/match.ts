import { cidr, type Family, formatCidr } from '../model/address.ts'
import { GROUP_BASE, GROUP_MASK, groupOf } from '../model/ownership.ts'
import { formatPorts } from '../model/ports.ts'
import type { PortRange } from '../model/topology.ts'
import type { Option, Rule, Target } from './codec/rule.ts'
import { quote } from './codec/tokens.ts'

/** What a packet has to meet, in the order in which iptables-save prints it, so that a rule reads back as it was written. */
export interface Match {
  source?: string
  destination?: string | undefined
  in?: string
  out?: string
  protocol?: string
  ports?: PortRange
  modules?: Option[][]
}

export function rule(match: Match, to: string | Target): Rule {
  return { options: optionsOf(match), target: typeof to === 'string' ? target(to) : to }
}

export function optionsOf(match: Match): Option[] {
  const options: Option[] = []
  if (match.source) options.push(option('', '-s', prefixed(match.source)))
  if (match.destination) options.push(option('', '-d', prefixed(match.destination)))
  if (match.in) options.push(option('', '-i', match.in))
  if (match.out) options.push(option('', '-o', match.out))
  if (match.protocol) options.push(option('', '-p', match.protocol))
  if (match.protocol && match.ports)
    options.push(...module(match.protocol, '--dport', formatPorts(match.ports, ':')))
  for (const added of match.modules ?? []) options.push(...added)
  return options
}

/** `-j NAME` with its options, each a list of its words. */
export function target(name: string, ...options: [name: string, ...values: string[]][]): Target {
  const own = options.map(([first, ...values]) => option(name, first, ...values))
  return { text: `-j ${name}`, name, goto: false, options: own }
}

/** A module, and the one option that is asked of it. */
type Used = [use: Option, asked: Option]

/** `-m MODULE OPTION VALUE…`. */
export function module(name: string, first: string, ...values: string[]): Used {
  return [option(name, '-m', name), option(name, first, ...values)]
}

/** Packets that do not have what the module is asked for. */
export function not([use, asked]: Used): Option[] {
  return [use, negated(asked)]
}

export function negated(option: Option): Option {
  return { ...option, text: `! ${option.text}`, negated: true }
}

export function comment(text: string): Option[] {
  const [use, said] = module('comment', '--comment', text)
  return [use, { ...said, text: `--comment ${quote(text)}` }]
}

export function option(module: string, name: string, ...values: string[]): Option {
  return { text: [name, ...values].join(' '), module, name, negated: false, values }
}

/** Packets from, to, or between the topology's own host-side interfaces. */
export function fromGroup(topology: string): Used {
  return module('devgroup', '--src-group', hex(groupOf(topology)))
}

export function toGroup(topology: string): Used {
  return module('devgroup', '--dst-group', hex(groupOf(topology)))
}

/** Packets from a namespace of any topology. */
export const FROM_ANY_TOPOLOGY = module('devgroup', '--src-group', `${hex(GROUP_BASE)}/${hex(GROUP_MASK)}`)

/** Packets to any of the host's own addresses. */
export const TO_HOST = module('addrtype', '--dst-type', 'LOCAL')

export function state(states: string): Used {
  return module('conntrack', '--ctstate', states)
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
