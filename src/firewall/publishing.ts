import { addressOf, type Family, familyOf } from '../model/address.ts'
import { lookup } from '../model/lookup.ts'
import type { Forward, Topology, Veth } from '../model/topology.ts'
import { chain, type WantedChain } from './chain.ts'
import { FROM_ANY_TOPOLOGY, type Match, ports, rule } from './match.ts'
import { type Branch, type Placed, type PortKey, portTree } from './tree.ts'

const LOCAL = '-m addrtype --dst-type LOCAL'

/**
 * Published ports: one DNAT each, for packets to the host's own addresses only, so that transit traffic to the same
 * port number passes. From outside through the uplinks, from the host itself, and from every topology's namespaces.
 */
export function publishing(topology: Topology, family: Family): WantedChain[] {
  const own = topology.name
  const forwards = topology.forwards.filter(forward => forward.families.includes(family))
  if (forwards.length === 0) return []
  const tree = portTree(
    own,
    'D',
    forwards.flatMap(forward => translations(topology, forward, family, [{}])),
  )
  const dst = chain(
    own,
    family,
    'nat',
    'DST',
    tree.root,
    [{ from: 'OUTPUT', match: LOCAL }],
    published(forwards),
  )
  const outside = restrictions(topology, forwards, family, dst.name)
  const entry = outside.at(-1)?.name ?? dst.name
  const rules = [
    ...topology.uplinks.map(uplink => rule({ in: uplink }, entry)),
    rule({ modules: [FROM_ANY_TOPOLOGY] }, dst.name),
  ]
  const pre = chain(
    own,
    family,
    'nat',
    'PRE',
    rules,
    [{ from: 'PREROUTING', match: LOCAL }],
    'who may use published ports',
  )
  return [...branchChains(own, family, tree.branches), dst, ...outside, pre]
}

/**
 * What arrives from outside at ports published on some uplinks, or to some sources, only: those are translated here, and
 * what else comes to their ports goes on untranslated. All other ports are everybody's.
 */
function restrictions(
  topology: Topology,
  forwards: Forward[],
  family: Family,
  everybody: string,
): WantedChain[] {
  const own = topology.name
  const restricted = forwards.filter(forward => isRestricted(topology, forward))
  if (restricted.length === 0) return []
  const tree = portTree(
    own,
    'E',
    restricted.flatMap(forward => [
      ...translations(topology, forward, family, origins(topology, forward, family)),
      ...ending(forward),
    ]),
  )
  const rules = [...tree.root, rule({}, everybody)]
  const branches = branchChains(own, family, tree.branches)
  return [
    ...branches,
    chain(own, family, 'nat', 'EXT', rules, [], 'ports that not everybody outside may use'),
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

/** Accepting ends the walk through nat untranslated: the port is not published for whoever got so far. */
function ending({ protocols, listenPorts, listenAddress }: Forward): Placed<PortKey>[] {
  return protocols.map(protocol => ({
    key: { protocol, ports: listenPorts },
    text: rule(
      { protocol, ports: listenPorts, ...(listenAddress === null ? {} : { destination: listenAddress }) },
      'ACCEPT',
    ),
  }))
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
  const to = family === 'ipv6' ? `[${target}]` : target
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
  return `${ports(target.ports, '-')}${base}`
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

function branchChains(topology: string, family: Family, branches: Branch[]): WantedChain[] {
  return branches.map(({ suffix, rules }) =>
    chain(topology, family, 'nat', suffix, rules, [], 'published ports of one part of the port space'),
  )
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
