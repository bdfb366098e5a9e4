import { addressOf, bracketed, type Family, familyOf } from '../model/address.ts'
import { lookup } from '../model/lookup.ts'
import { chainName } from '../model/ownership.ts'
import { formatPorts } from '../model/ports.ts'
import type { Forward, Topology, Veth } from '../model/topology.ts'
import { chain, type WantedChain } from './chain.ts'
import { FROM_ANY_TOPOLOGY, type Match, rule } from './match.ts'
import { type Placed, type PortKey, portTree } from './tree.ts'

const LOCAL = '-m addrtype --dst-type LOCAL'
/** The kernel routes no IPv6 loopback address: translated, such a connection would hang instead of being refused. */
const NOT_LOOPBACK6 = '! -d ::1/128'

/**
 * Published ports: one DNAT each, for packets to the host's own addresses only, so that transit traffic to the same
 * port number passes. From outside through the uplinks, from the host itself, and from every topology's namespaces.
 */
export function publishing(topology: Topology, family: Family): WantedChain[] {
  const own = topology.name
  const forwards = topology.forwards.filter(forward => forward.families.includes(family))
  if (forwards.length === 0) return []
  const restricted = forwards.filter(forward => isRestricted(topology, forward))
  const local = [{ from: 'OUTPUT', match: family === 'ipv6' ? `${NOT_LOOPBACK6} ${LOCAL}` : LOCAL }]
  const everywhere = (list: Forward[]) =>
    list.flatMap(forward => translations(topology, forward, family, [{}]))
  const chains =
    restricted.length === 0
      ? dispatch(own, family, 'DST', 'D', everywhere(forwards), [], local, published(forwards))
      : restrictions(topology, family, forwards, restricted, everywhere, local)
  const outside = chainName(own, restricted.length === 0 ? 'DST' : 'EXT')
  const rules = [
    ...topology.uplinks.map(uplink => rule({ in: uplink }, outside)),
    rule({ modules: [FROM_ANY_TOPOLOGY] }, chainName(own, 'DST')),
  ]
  const from = [{ from: 'PREROUTING', match: LOCAL }]
  return [...chains, chain(own, family, 'nat', 'PRE', rules, from, 'who may use published ports')]
}

/**
 * Ports that are published on some uplinks, or to some sources, only: to the host and the namespaces as they are, to the
 * outside with its restrictions. What matches neither goes on, so that another forward, or another topology, may have
 * the same port on another uplink.
 */
function restrictions(
  topology: Topology,
  family: Family,
  forwards: Forward[],
  restricted: Forward[],
  everywhere: (list: Forward[]) => Placed<PortKey>[],
  local: { from: string; match: string }[],
): WantedChain[] {
  const own = topology.name
  const open = forwards.filter(forward => !restricted.includes(forward))
  const asRestricted = restricted.flatMap(forward =>
    translations(topology, forward, family, origins(topology, forward, family)),
  )
  const rest = [rule({}, chainName(own, 'OPN'))]
  const reason = 'ports that not everybody outside may use'
  return [
    ...dispatch(own, family, 'OPN', 'D', everywhere(open), [], [], 'ports that everybody outside may use'),
    ...dispatch(own, family, 'DST', 'L', everywhere(restricted), rest, local, published(forwards)),
    ...dispatch(own, family, 'EXT', 'E', asRestricted, rest, [], reason),
  ]
}

/** A chain of translations with the branches of its tree, and what comes behind them. */
function dispatch(
  topology: string,
  family: Family,
  suffix: string,
  prefix: string,
  placed: Placed<PortKey>[],
  rest: string[],
  from: { from: string; match: string }[],
  reason: string,
): WantedChain[] {
  const { root, branches } = portTree(topology, prefix, placed)
  return [
    ...branches.map(branch =>
      chain(
        topology,
        family,
        'nat',
        branch.suffix,
        branch.rules,
        [],
        'published ports of one part of the port space',
      ),
    ),
    chain(topology, family, 'nat', suffix, [...root, ...rest], from, reason),
  ]
}

function isRestricted(topology: Topology, { uplinks, sources }: Forward): boolean {
  return sources.length > 0 || topology.uplinks.some(uplink => !uplinks.includes(uplink))
}

function origins(topology: Topology, { uplinks, sources }: Forward, family: Family): Match[] {
  const everyUplink = topology.uplinks.every(uplink => uplinks.includes(uplink))
  const ins: Match[] = everyUplink ? [{}] : uplinks.map(uplink => ({ in: uplink }))
  if (sources.length === 0) return ins
  const own = sources.filter(source => familyOf(source) === family)
  return own.flatMap(source => ins.map(match => ({ ...match, source })))
}

function translations(
  topology: Topology,
  forward: Forward,
  family: Family,
  from: Match[],
): Placed<PortKey>[] {
  const target = targetAddress(topology, forward, family)
  if (target === null) return []
  const { listenAddress, listenPorts, protocols } = forward
  const to = bracketed(target)
  return protocols.flatMap(protocol =>
    from.map(origin => ({
      key: { protocol, ports: listenPorts },
      text: rule(
        {
          ...origin,
          protocol,
          ports: listenPorts,
          ...(listenAddress === null ? {} : { destination: listenAddress }),
        },
        `DNAT --to-destination ${to}:${targetPorts(forward)}`,
      ),
    })),
  )
}

/** A range needs its base, or every port of it goes to the first. */
function targetPorts({ listenPorts, target }: Forward): string {
  const base = listenPorts.first === listenPorts.last ? '' : `/${listenPorts.first}`
  return `${formatPorts(target.ports)}${base}`
}

const placeOf = (end: { namespace: string; interface: string }) => `${end.namespace}:${end.interface}`
const vethAt = lookup<Veth>(({ ends }) => ends.map(placeOf))

/** The target end's first address of a family, bare. */
function targetAddress(topology: Topology, { target }: Forward, family: Family): string | null {
  const place = placeOf(target)
  const pair = vethAt(topology.veths, place)
  const end = pair?.ends.find(candidate => placeOf(candidate) === place)
  const found = end?.addresses.find(address => familyOf(address) === family)
  return found === undefined ? null : addressOf(found)
}

function published(forwards: Forward[]): string {
  if (forwards.length > 4) return `${forwards.length} published ports`
  return forwards
    .map(
      ({ listenPorts, target }) =>
        `${formatPorts(listenPorts)} -> ${target.namespace}:${formatPorts(target.ports)}`,
    )
    .join(', ')
}
