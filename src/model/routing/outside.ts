import { cidr, contains, type Family, parseCidr } from '../address.ts'
import type { NextHop } from '../host/next-hop.ts'
import type { PolicyRule, Route } from '../host/snapshot.ts'
import { nextHopsOf, possibleDecisions, type RouteDecision, type RoutingTables } from './policy.ts'

/**
 * Addresses all over the Internet, for questions about the way out. A default route may be made in pieces: OpenVPN adds two
 * halves to leave the one that is there alone, others quarters, or all networks that are not private.
 */
export const OUTSIDE: Record<Family, readonly string[]> = {
  ipv4: [
    '198.51.100.7',
    ...[...Array(14).keys()].filter(block => block !== 12).map(block => `${16 * block + 7}.91.0.7`),
  ],
  ipv6: ['2001:db8:51::7', '2400:91::7', '2600:91::7', '2a00:91::7', '3000:91::7'],
}

const PROBES: Record<Family, ReturnType<typeof cidr>[]> = {
  ipv4: OUTSIDE.ipv4.map(text => cidr(text)),
  ipv6: OUTSIDE.ipv6.map(text => cidr(text)),
}

/** What is no wider than this leads to somebody's network, not to the outside. */
const WIDEST_NETWORK = 5

/** Whether a route leads to the outside: a default route, or a piece of one. */
export function isDefaultOrPiece({ to, family, type }: Pick<Route, 'to' | 'family' | 'type'>): boolean {
  return type === 'unicast' && isWide(to) && holdsOutside(to, family)
}

/** Told by the text alone: there may be as many routes as the Internet has. */
function isWide(to: string): boolean {
  return /\/[0-4]$/.test(to)
}

function holdsOutside(to: string, family: Family): boolean {
  const range = parseCidr(to)
  return range !== null && range.prefix < WIDEST_NETWORK && PROBES[family].some(one => contains(range, one))
}

/** One way that packets to the outside take. */
export interface WayOut extends NextHop {
  decision: RouteDecision & { route: Route }
}

/** Who sends packets, as far as policy rules ask. */
export interface Sender {
  family: Family
  source: string | null
  /** As of a routed packet. */
  input: string | null
  mark?: number
}

/**
 * The ways that packets to the outside may take, each once, whatever their protocol; none where there is no route. A host
 * with a thousand subnets is asked for each: what no rule asks for makes no difference, and the tables must not change
 * afterwards.
 */
export function waysOut(tables: RoutingTables, sender: Sender): WayOut[] {
  const known = answersOf(tables)
  const key = askedBy(tables.rules, sender)
  const ways = known.get(key) ?? findWays(tables, sender)
  known.set(key, ways)
  return ways
}

type Answers = Map<string, WayOut[]>

const answered = new WeakMap<readonly Route[], WeakMap<readonly PolicyRule[], Answers>>()

function answersOf({ routes, rules }: RoutingTables): Answers {
  const byRules = answered.get(routes) ?? new WeakMap<readonly PolicyRule[], Answers>()
  const answers = byRules.get(rules) ?? new Map<string, WayOut[]>()
  answered.set(routes, byRules.set(rules, answers))
  return answers
}

/** Whatever of a sender a rule may ask for: with a selector of any other sort than these, all of it. */
function askedBy(rules: readonly PolicyRule[], { family, source, input, mark = 0 }: Sender): string {
  const own = rules.filter(rule => rule.family === family)
  const selectors = new Set(own.flatMap(({ selector }) => Object.keys(selector)))
  const others = [...selectors].some(name => !NOT_OF_SENDERS.has(name))
  const bySource = own.some(({ from }) => from !== 'all')
  return [family, bySource || others ? source : '', others ? input : '', others ? mark : ''].join(' ')
}

const NOT_OF_SENDERS = new Set(['dst', 'dstlen', 'action', 'nop', 'suppress_prefixlen', 'suppress_ifgroup'])

function findWays(tables: RoutingTables, sender: Sender): WayOut[] {
  const found = new Map<string, WayOut>()
  for (const decision of decisionsOutside(tables, sender)) {
    for (const hop of decision.route.type === 'unicast' ? nextHopsOf(decision.route) : []) {
      const key = `${hop.dev} ${hop.via} ${decision.rule.priority} ${decision.route.table}`
      if (!found.has(key)) found.set(key, { ...hop, decision })
    }
  }
  return [...found.values()]
}

function decisionsOutside(tables: RoutingTables, sender: Sender): (RouteDecision & { route: Route })[] {
  const wide = { ...tables, routes: wideRoutes(tables.routes) }
  return OUTSIDE[sender.family].flatMap(destination =>
    possibleDecisions(wide, {
      ...{ mark: 0, protocol: null, destinationPort: null, ...sender },
      destination,
    }).flatMap(decision =>
      decision === null || decision.route === null ? [] : [{ ...decision, route: decision.route }],
    ),
  )
}

const wideOf = new WeakMap<readonly Route[], Route[]>()

/** Default routes and pieces of them, with those that refuse. */
function wideRoutes(routes: Route[]): Route[] {
  const wide = wideOf.get(routes) ?? routes.filter(({ to }) => isWide(to))
  wideOf.set(routes, wide)
  return wide
}
