import { addressOf, type Family, familyOf } from '../model/address.ts'
import { formatPorts } from '../model/ports.ts'
import { lookup } from '../model/text/lookup.ts'
import type { Forward, Topology, Veth } from '../model/topology.ts'
import { chain, type WantedChain } from './chain.ts'
import { formatEndpoint } from './codec/endpoint.ts'
import type { Option, Rule } from './codec/rule.ts'
import {
  FROM_ANY_TOPOLOGY,
  LOOPBACK_NETWORK,
  type Match,
  negated,
  option,
  rule,
  TO_HOST,
  target,
} from './match.ts'
import { nameOfChain, type RoleName, type TreeName } from './roles.ts'
import { type Placed, type PortKey, portTree } from './tree.ts'

/** The kernel routes no IPv6 loopback address: translated, such a connection would hang instead of being refused. */
const NOT_LOOPBACK6 = negated(option('', '-d', LOOPBACK_NETWORK.ipv6))

/**
 * Published ports: one DNAT each, for packets to the host's own addresses only, so that transit traffic to the same
 * port number passes. From outside through the uplinks, from the host itself, and from every topology's namespaces.
 */
export function publishing(topology: Topology, family: Family): WantedChain[] {
  const own = topology.name
  const forwards = topology.forwards.filter(forward => forward.families.includes(family))
  if (forwards.length === 0) return []
  const anyRestricted = forwards.some(forward => isRestricted(topology, forward))
  const outside = nameOfChain(own, anyRestricted ? 'restrictedOutside' : 'published')
  return [
    ...(anyRestricted ? listsApart(topology, family, forwards) : oneList(topology, family, forwards)),
    chain(own, family, 'entry', {
      rules: [
        ...topology.uplinks.map(uplink => rule({ in: uplink }, outside)),
        rule({ modules: [FROM_ANY_TOPOLOGY] }, nameOfChain(own, 'published')),
      ],
      from: [{ chain: 'PREROUTING', match: TO_HOST }],
      reason: 'who may use published ports',
    }),
  ]
}

function oneList(topology: Topology, family: Family, forwards: Forward[]): WantedChain[] {
  return translationChains(topology, family, 'published', 'unrestrictedTree', {
    translations: forwards.flatMap(forward => translations(topology, family, forward, EVERYWHERE)),
    from: [fromHost(family)],
    reason: published(forwards),
  })
}

/**
 * Ports that are published on some uplinks, or to some sources, only: to the host and the namespaces as they are, to the
 * outside with its restrictions. What matches neither goes on, so that another forward, or another topology, may have
 * the same port on another uplink.
 */
function listsApart(topology: Topology, family: Family, forwards: Forward[]): WantedChain[] {
  const restricted = forwards.filter(forward => isRestricted(topology, forward))
  const unrestricted = forwards.filter(forward => !isRestricted(topology, forward))
  const goOn = rule({}, nameOfChain(topology.name, 'unrestricted'))
  return [
    ...translationChains(topology, family, 'unrestricted', 'unrestrictedTree', {
      translations: unrestricted.flatMap(forward => translations(topology, family, forward, EVERYWHERE)),
      reason: 'ports that everybody outside may use',
    }),
    ...translationChains(topology, family, 'published', 'restrictedInsideTree', {
      translations: restricted.flatMap(forward => translations(topology, family, forward, EVERYWHERE)),
      goOn,
      from: [fromHost(family)],
      reason: published(forwards),
    }),
    ...translationChains(topology, family, 'restrictedOutside', 'restrictedOutsideTree', {
      translations: restricted.flatMap(forward =>
        translations(topology, family, forward, origins(topology, family, forward)),
      ),
      goOn,
      reason: 'ports that not everybody outside may use',
    }),
  ]
}

interface List {
  translations: Placed<PortKey>[]
  /** For what none of them matches. */
  goOn?: Rule
  from?: { chain: string; match: Option[] }[]
  reason: string
}

/** A chain of translations, behind the branches that a long list of them is split into. */
function translationChains(
  topology: Topology,
  family: Family,
  role: RoleName,
  tree: TreeName,
  { translations, goOn, ...content }: List,
): WantedChain[] {
  const { root, branches } = portTree(topology.name, tree, translations)
  return [
    ...branches.map(branch =>
      chain(topology.name, family, tree, {
        ...branch,
        reason: 'published ports of one part of the port space',
      }),
    ),
    chain(topology.name, family, role, { ...content, rules: goOn ? [...root, goOn] : root }),
  ]
}

function fromHost(family: Family) {
  return { chain: 'OUTPUT', match: family === 'ipv6' ? [NOT_LOOPBACK6, ...TO_HOST] : TO_HOST }
}

function isRestricted(topology: Topology, { uplinks, sources }: Forward): boolean {
  return sources.length > 0 || topology.uplinks.some(uplink => !uplinks.includes(uplink))
}

/** What tells the packets of a forward from others, besides its ports: one match for each way in. */
const EVERYWHERE: Match[] = [{}]

function origins(topology: Topology, family: Family, { uplinks, sources }: Forward): Match[] {
  const everyUplink = topology.uplinks.every(uplink => uplinks.includes(uplink))
  const ins = everyUplink ? EVERYWHERE : uplinks.map(uplink => ({ in: uplink }))
  if (sources.length === 0) return ins
  const own = sources.filter(source => familyOf(source) === family)
  return own.flatMap(source => ins.map(match => ({ ...match, source })))
}

function translations(
  topology: Topology,
  family: Family,
  forward: Forward,
  origins: Match[],
): Placed<PortKey>[] {
  const address = targetAddress(topology, forward, family)
  if (address === null) return []
  const { listenAddress, listenPorts, protocols } = forward
  const isRange = listenPorts.first !== listenPorts.last
  // A range needs its base, or every port of it goes to the first.
  const ports = { ...forward.target.ports, base: isRange ? listenPorts.first : null }
  const dnat = target('DNAT', ['--to-destination', formatEndpoint({ address, ports })])
  const destination = listenAddress ?? undefined
  return protocols.flatMap(protocol =>
    origins.map(origin => ({
      key: { protocol, ports: listenPorts },
      rule: rule({ ...origin, destination, protocol, ports: listenPorts }, dnat),
    })),
  )
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
