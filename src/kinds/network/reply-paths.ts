import { hex } from '../../firewall/match.ts'
import { cidr, DEFAULT_ROUTE, FAMILIES, type Family, familyOf, isLinkLocal } from '../../model/address.ts'
import { linkNamed, subnetNamed } from '../../model/host/by-name.ts'
import type { NextHop } from '../../model/host/next-hop.ts'
import { LOCAL_TABLE, MAIN_TABLE } from '../../model/host/rtnetlink.ts'
import type { Route, Snapshot } from '../../model/host/snapshot.ts'
import { ROUTE_PROTOCOL } from '../../model/ownership.ts'
import { isDefaultOrPiece, waysOut } from '../../model/routing/outside.ts'
import { everyHopOf } from '../../model/routing/policy.ts'
import type { End, Topology } from '../../model/topology.ts'
import { hostInterfaces } from '../settings/forwarding.ts'
import { insidesOf } from './insides.ts'
import { numberUplinks, type UplinkMarks } from './reply-marks.ts'

/** A way back to where a connection came from: a rule that selects a table, and the routes in it. */
export interface ReplyPath {
  scope: string
  family: Family
  table: number
  priority: number
  selector: { from: string } | { fwmark: string; fwmask: string }
  dev: string
  /** What is behind `dev`: its neighbours, who must be answered directly, and by default everything. */
  routes: Hop[]
  end: End | null
}

interface Hop {
  to: string
  via: string | null
  onlink?: true
  /** What the table has nothing to say about. */
  type?: 'throw'
}

const PRIORITY = 1100
/** Tables of a namespace's ends by name: far from those people number by hand. */
const END_TABLES = 1_000_000

/** All ways back that a topology needs, inside its namespaces and on the host. */
export function replyPaths(topology: Topology, snapshot: Snapshot): ReplyPath[] {
  return [...endPaths(topology), ...uplinkPaths(topology, snapshot)]
}

/** Ends of a namespace beside the one with its default route: what comes in there has to leave there. */
function endPaths(topology: Topology): ReplyPath[] {
  return topology.veths.flatMap(pair => {
    const subnet = subnetNamed(topology.subnets, pair.subnet ?? '')
    const toHost = subnet?.bridge != null || pair.ends.some(({ namespace }) => namespace === 'host')
    if (!subnet || !toHost) return []
    return pair.ends
      .filter(({ namespace }) => namespace !== 'host')
      .flatMap(end =>
        FAMILIES.flatMap(family => {
          const gateway = subnet.gateways.find(text => familyOf(text) === family)
          if (gateway === undefined || end.defaultRoute.includes(family)) return []
          const table = tableOfEnd(end.interface)
          const networks = subnet.networks.filter(network => familyOf(network) === family)
          const routes = [
            ...networks.map((to): Hop => ({ to, via: null })),
            { to: DEFAULT_ROUTE[family], via: gateway },
          ]
          const place = { scope: end.namespace, family, table, dev: end.interface, routes, end }
          return end.addresses
            .filter(text => familyOf(text) === family)
            .map(text => ({
              ...place,
              priority: PRIORITY,
              selector: { from: text.replace(/\/.*/, family === 'ipv4' ? '/32' : '/128') },
            }))
        }),
      )
  })
}

/** A name is the identity of an end, so its table is the same in every edit. */
function tableOfEnd(name: string): number {
  let hash = 0
  for (const character of name) hash = (hash * 31 + character.charCodeAt(0)) % END_TABLES
  return END_TABLES + hash
}

/** A reply leaves through the uplink that its connection came in by. */
function uplinkPaths(topology: Topology, snapshot: Snapshot): ReplyPath[] {
  const numbered = marksOf(topology, snapshot)
  if (numbered === null) return []
  const { mask, marks, tables } = numbered
  const priority = priorityOf(snapshot)
  const families = new Set(hostInterfaces(topology).flatMap(link => link.families))
  return [...marks].flatMap(([uplink, mark]) =>
    [...families].flatMap(family => {
      const routes = routesThrough(snapshot, uplink, family)
      const table = tables.get(uplink)
      if (!leadsOutside(routes, family) || table === undefined) return []
      const selector = { fwmark: hex(mark), fwmask: hex(mask) }
      const place = { scope: 'host', family, table, priority, selector, dev: uplink, end: null }
      return [{ ...place, routes: [...routes, ...inward(topology, family)] }]
    }),
  )
}

/**
 * Others that restore marks of connections onto all of their packets, as wg-quick does for UDP, give it to packets for the
 * namespaces too.
 */
function inward(topology: Topology, family: Family): Hop[] {
  const networks = insidesOf(topology).flatMap(inside => (inside.family === family ? [inside.network] : []))
  return [...new Set(networks)].map(to => ({ to, via: null, type: 'throw' }))
}

/** Before the rules of others, which would send replies their own way; else where it was always. */
function priorityOf({ host }: Snapshot): number {
  const others = host.rules
    .filter(({ protocol, priority }) => protocol !== ROUTE_PROTOCOL && priority > 0)
    .map(({ priority }) => priority)
  return Math.min(PRIORITY, ...others.map(priority => priority - 1))
}

/** Marks for the uplinks, the same for every topology on the host; null where none are needed, or can be. */
export function marksOf(topology: Topology, snapshot: Snapshot): UplinkMarks | null {
  if (!needsReplyPaths(topology, snapshot)) return null
  const reachable = topology.uplinks.filter(
    uplink => linkNamed(snapshot.host.links, uplink) && hasReplyPath(snapshot, uplink),
  )
  return reachable.length === 0 ? null : numberUplinks(reachable, snapshot)
}

/** Whether replies would not all leave by the uplink that their connection came in by, if routing were left alone. */
export function needsReplyPaths(topology: Topology, snapshot: Snapshot): boolean {
  const inbound = topology.forwards.length > 0 || topology.allows.some(({ from }) => from.kind === 'outside')
  if (!inbound || topology.uplinks.length === 0) return false
  const [only] = topology.uplinks
  return topology.uplinks.length > 1 || waysPast(topology, snapshot).some(({ dev }) => dev !== only)
}

function waysPast(topology: Topology, { host }: Snapshot): NextHop[] {
  return insidesOf(topology).flatMap(({ family, input, address }) =>
    waysOut(host, { family, input, source: address }),
  )
}

function hasReplyPath(snapshot: Snapshot, uplink: string): boolean {
  return FAMILIES.some(family => leadsOutside(routesThrough(snapshot, uplink, family), family))
}

function leadsOutside(routes: Hop[], family: Family): boolean {
  return routes.some(({ to }) => isDefaultOrPiece({ to, family, type: 'unicast' }))
}

/**
 * The routes of the main table through an interface, for each destination the one that is preferred; where none of them
 * leads outside, those of other tables that do.
 */
function routesThrough({ host }: Snapshot, dev: string, family: Family): Hop[] {
  const through = host.routes.filter(
    route =>
      route.family === family &&
      route.type === 'unicast' &&
      route.table !== LOCAL_TABLE &&
      everyHopOf(route).some(hop => hop.dev === dev) &&
      !isLinkLocal(cidr(route.to)),
  )
  const main = through.filter(({ table }) => table === MAIN_TABLE)
  const outside = main.some(isDefaultOrPiece)
    ? []
    : through.filter(
        route => route.table !== MAIN_TABLE && route.protocol !== ROUTE_PROTOCOL && isDefaultOrPiece(route),
      )
  const routes = [...main, ...outside].toSorted(byPreference)
  const preferred = new Map(
    routes.toReversed().flatMap(route => {
      const hop = everyHopOf(route).find(one => one.dev === dev)
      return hop ? [[route.to, hop] as const] : []
    }),
  )
  // What is connected comes first: the gateways are there.
  const rank = ({ to, via }: Hop) => `${via === null ? 0 : 1} ${to}`
  return [...preferred]
    .map(([to, { via, onlink }]): Hop => ({ to, via, ...(onlink ? { onlink } : {}) }))
    .toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
}

/** What is for some packets only comes last. */
function byPreference(a: Route, b: Route): number {
  const partial = ({ tos, from }: Route) => Number(tos !== undefined || from !== undefined)
  return partial(a) - partial(b) || a.table - b.table || a.metric - b.metric
}
