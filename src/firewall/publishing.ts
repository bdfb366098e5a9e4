import { addressOf, type Family, familyOf } from '../model/address.ts'
import type { Forward, Topology } from '../model/topology.ts'
import { chain, type WantedChain } from './chain.ts'
import { FROM_ANY_TOPOLOGY, ports, rule } from './match.ts'

/**
 * Published ports: one DNAT each, for packets to the host's own addresses only, so that transit traffic to the same
 * port number passes. From outside through the uplinks, from the host itself, and from every topology's namespaces.
 */
export function publishing(topology: Topology, family: Family): WantedChain[] {
  const own = topology.name
  const forwards = topology.forwards.filter(forward => forward.families.includes(family))
  if (forwards.length === 0) return []
  const local = '-m addrtype --dst-type LOCAL'
  const destinations = forwards.flatMap(forward => destinationRules(topology, forward, family))
  const everywhere = forwards.every(forward => isEverywhere(topology, forward))
  const fromOutside = forwards.flatMap(forward =>
    isEverywhere(topology, forward)
      ? destinationRules(topology, forward, family)
      : forward.uplinks.flatMap(uplink => destinationRules(topology, forward, family, uplink)),
  )
  const ext = chain(own, family, 'nat', 'EXT', fromOutside, [], 'published on some uplinks only')
  const dst = chain(
    own,
    family,
    'nat',
    'DST',
    destinations,
    [{ from: 'OUTPUT', match: local }],
    published(forwards),
  )
  const pre = chain(
    own,
    family,
    'nat',
    'PRE',
    [
      ...topology.uplinks.map(uplink => rule({ in: uplink }, everywhere ? dst.name : ext.name)),
      rule({ modules: [FROM_ANY_TOPOLOGY] }, dst.name),
    ],
    [{ from: 'PREROUTING', match: local }],
    'who may use published ports',
  )
  return everywhere ? [dst, pre] : [dst, ext, pre]
}

function isEverywhere(topology: Topology, forward: Forward): boolean {
  return topology.uplinks.every(uplink => forward.uplinks.includes(uplink))
}

function destinationRules(topology: Topology, forward: Forward, family: Family, uplink?: string): string[] {
  const target = targetAddress(topology, forward, family)
  if (target === null) return []
  const { listenAddress, listenPorts, protocols } = forward
  const to = family === 'ipv6' ? `[${target}]` : target
  return protocols.map(protocol =>
    rule(
      {
        protocol,
        ports: listenPorts,
        ...(uplink === undefined ? {} : { in: uplink }),
        ...(listenAddress === null ? {} : { destination: listenAddress }),
      },
      `DNAT --to-destination ${to}:${targetPorts(forward)}`,
    ),
  )
}

/** A range needs its base, or every port of it goes to the first. */
function targetPorts({ listenPorts, target }: Forward): string {
  const base = listenPorts.first === listenPorts.last ? '' : `/${listenPorts.first}`
  return `${ports(target.ports, '-')}${base}`
}

/** The target end's first address of a family, bare. */
export function targetAddress(topology: Topology, { target }: Forward, family: Family): string | null {
  const end = topology.veths
    .flatMap(veth => veth.ends)
    .find(({ namespace, interface: name }) => namespace === target.namespace && name === target.interface)
  const found = end?.addresses.find(address => familyOf(address) === family)
  return found === undefined ? null : addressOf(found)
}

function published(forwards: Forward[]): string {
  if (forwards.length > 4) return `${forwards.length} published ports`
  return forwards
    .map(
      ({ listenPorts, target }) =>
        `${ports(listenPorts, '-')} -> ${target.namespace}:${ports(target.ports, '-')}`,
    )
    .join(', ')
}
