import { formatRule, parseRules, type Rule } from '../../firewall/codec/rule.ts'
import { type FieldCondition, selectorOf } from '../../firewall/codec/selector.ts'
import { cidr, contains, FAMILIES, type Family, parseNetwork } from '../../model/address.ts'
import { makerOfChain } from '../../model/host/neighbours.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import { chainOwner } from '../../model/ownership.ts'
import type { Forward, PortRange, Topology } from '../../model/topology.ts'

/** A rule of others that takes packets to a range of ports of the host; one for several is as many. */
export interface Dnat {
  family: Family
  protocol: string
  ports: PortRange
  destination: FieldCondition<string> | undefined
  owner: string
  rule: string
}

/**
 * Foreign rules are only read for what they say of ports and addresses: whether a packet would meet them hangs on more,
 * some of which nobody can tell. Who knows that none does accepts the finding.
 */
export function foreignDnats(topology: Topology, { firewall }: Snapshot): Dnat[] {
  return FAMILIES.flatMap(family =>
    [...firewall[family], ...firewall.other[family]]
      .filter(({ name }) => name === 'nat')
      .flatMap(({ chains }) => chains.filter(({ name }) => chainOwner(name) !== topology.name))
      .flatMap(({ name, rules }) => parseRules(rules).flatMap(rule => dnatOf(family, name, rule))),
  )
}

function dnatOf(family: Family, chain: string, rule: Rule): Dnat[] {
  if (rule.target?.name !== 'DNAT' && rule.target?.name !== 'REDIRECT') return []
  const { protocol, ports, destination } = selectorOf(rule)
  if (protocol?.is === undefined || ports === undefined) return []
  return (ports.is ?? allBut(ports.not)).map(range => ({
    family,
    protocol: protocol.is,
    ports: range,
    destination,
    owner: ownerOf(chain),
    rule: `rule in ${chain}: ${formatRule(rule)}`,
  }))
}

/** Every port that is in none of the ranges. */
function allBut(ranges: PortRange[]): PortRange[] {
  return ranges.reduce((left, taken) => left.flatMap(range => without(range, taken)), [EVERY_PORT])
}

const EVERY_PORT: PortRange = { first: 0, last: 65535 }

function without({ first, last }: PortRange, taken: PortRange): PortRange[] {
  const below = { first, last: Math.min(last, taken.first - 1) }
  const above = { first: Math.max(first, taken.last + 1), last }
  return [below, above].filter(range => range.first <= range.last)
}

function ownerOf(chain: string): string {
  const topology = chainOwner(chain)
  if (topology !== null) return `the topology ${topology}`
  return makerOfChain(chain) ?? `a rule in the chain ${chain}`
}

/** Whether a rule takes packets that a forward is for. */
export function takesFrom(dnat: Dnat, { listenPorts, listenAddress, families }: Forward): boolean {
  return (
    dnat.ports.first <= listenPorts.last &&
    listenPorts.first <= dnat.ports.last &&
    families.includes(dnat.family) &&
    isFor(dnat, listenAddress)
  )
}

function isFor({ destination }: Dnat, listenAddress: string | null): boolean {
  if (destination === undefined || listenAddress === null) return true
  const network = parseNetwork(destination.is ?? destination.not)
  // A mask with holes in it: the address may be one of them.
  if (network === null) return true
  return contains(network, cidr(listenAddress)) === (destination.is !== undefined)
}
