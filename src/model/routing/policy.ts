import { cidr, contains, type Family } from '../address.ts'
import { linkNamed } from '../host/by-name.ts'
import type { NextHop } from '../host/next-hop.ts'
import { rulesAtBirth } from '../host/rtnetlink.ts'
import type { NetworkState, PolicyRule, Route } from '../host/snapshot.ts'
import { routesTo } from './routes-to.ts'
import { type RoutedPacket, selects } from './selects.ts'

/** Where the routing of one network namespace comes from. */
export type RoutingTables = Pick<NetworkState, 'links' | 'routes' | 'rules'>

/** What policy rules and tables come to. */
export interface RouteDecision {
  rule: PolicyRule
  /** Null: the rule itself refuses the packet. */
  route: Route | null
}

/**
 * Follows the policy rules as the kernel does. Yields each rule of which it cannot be told whether it selects the packet,
 * and which would decide about it, and takes the answer. Returns null where nothing decides: there is no route.
 */
export function* followRules(
  tables: RoutingTables,
  packet: RoutedPacket,
): Generator<RouteDecision, RouteDecision | null, boolean> {
  const rules = rulesOf(tables, packet.family)
  for (let at = 0; at < rules.length; at++) {
    const rule = rules[at] as PolicyRule
    const truth = selects(rule, packet, tables)
    if (truth === false) continue
    const { goto: target, nop, action, l3mdev } = rule.selector
    if (nop !== undefined) continue
    if (target !== undefined) {
      const to = rules.findIndex(({ priority }) => priority === Number(target))
      // Only ever further down. One that cannot be judged is not followed: what it leads past decides as well.
      if (truth && to > at) at = to - 1
      continue
    }
    const refuses = action !== undefined || l3mdev !== undefined
    const route = refuses ? null : bestRoute(tables, packet, rule)
    if (!refuses && route === null) continue
    const decision = { rule, route }
    if (truth === true || (yield decision)) return decision
  }
  return null
}

/** Every decision that they may come to, the one without any of the rules that cannot be judged first. */
export function possibleDecisions(tables: RoutingTables, packet: RoutedPacket): (RouteDecision | null)[] {
  const unsure: RouteDecision[] = []
  const walking = followRules(tables, packet)
  let step = walking.next()
  while (!step.done) {
    unsure.push(step.value)
    step = walking.next(false)
  }
  return [step.value, ...unsure]
}

/** In the kernel's order. */
function rulesOf({ rules }: RoutingTables, family: Family): PolicyRule[] {
  const own = rules.filter(rule => rule.family === family)
  // Those of IPv6 are not always read: without hints at others they are the kernel's own.
  return own.length > 0 ? own.toSorted((a, b) => a.priority - b.priority) : rulesAtBirth(family)
}

/** Null where the table has none for it, or the rule takes none that wide. */
function bestRoute(tables: RoutingTables, packet: RoutedPacket, rule: PolicyRule): Route | null {
  const [found] = fittingRoutes(tables, packet, rule.table)
  if (!found || found.type === 'throw') return null
  const { suppress_prefixlen: length = -1, suppress_ifgroup: group } = rule.selector
  if (cidr(found.to).prefix <= Number(length)) return null
  const link = group === undefined ? undefined : linkNamed(tables.links, found.dev ?? '')
  return link !== undefined && link.group === Number(group) ? null : found
}

/** The best first: the longest destination, then the longest source, then the lowest metric. */
function fittingRoutes(
  { routes }: RoutingTables,
  { destination, source, output = null }: RoutedPacket,
  table: number,
): Route[] {
  const fitting = routesTo(routes, cidr(destination)).filter(
    route =>
      route.table === table &&
      // The packets that are followed here have no type of service.
      route.tos === undefined &&
      (route.from === undefined || (source !== null && contains(cidr(route.from), cidr(source)))) &&
      (output === null || nextHopsOf(route).some(({ dev }) => dev === output)),
  )
  const prefix = (text: string | undefined) => (text === undefined ? 0 : cidr(text).prefix)
  return fitting.toSorted(
    (a, b) => prefix(b.to) - prefix(a.to) || prefix(b.from) - prefix(a.from) || a.metric - b.metric,
  )
}

/** The next hops of a route, those among them whose interface is down. */
export function everyHopOf({ hops, via, dev, onlink }: Route): NextHop[] {
  if (hops !== undefined) return hops
  return dev === null ? [] : [{ via, dev, ...(onlink ? { onlink } : {}) }]
}

/** Those that the kernel may take now; all where none is alive. */
export function nextHopsOf(route: Route): NextHop[] {
  const all = everyHopOf(route)
  const alive = all.filter(({ dead }) => !dead)
  return alive.length > 0 ? alive : all
}
