import { type Inside, insidesOf } from '../../../kinds/network/insides.ts'
import { addressOf, cidr, contains, type Family } from '../../../model/address.ts'
import { FROM_KERNEL, LOCAL_TABLE, MAIN_TABLE } from '../../../model/host/rtnetlink.ts'
import type { NetworkState, PolicyRule, Route, Snapshot } from '../../../model/host/snapshot.ts'
import type { Finding } from '../../../model/plan/plan.ts'
import { isDefaultOrPiece, OUTSIDE } from '../../../model/routing/outside.ts'
import { everyHopOf, possibleDecisions, type RouteDecision } from '../../../model/routing/policy.ts'
import { printedDecision } from '../../../model/routing/printed.ts'
import type { Topology } from '../../../model/topology.ts'
import { error, warning } from '../finding.ts'

/** Subnets that policy rules of others keep packets from. */
export function divertedFindings(topology: Topology, { host }: Snapshot): Finding[] {
  return insidesOf(topology).flatMap(inside => {
    const { subnet, network, input, family } = inside
    const addresses = [...endAddresses(topology, inside), inside.address]
    const found = addresses.flatMap(
      address => diversionOf(host, { ...inside, address }, topology.uplinks) ?? [],
    )
    const [first] = found
    if (first === undefined) return []
    const whole = found.some(({ always }) => always)
    return [
      (whole ? error : warning)(
        'routed-elsewhere',
        subnet.name,
        `packets to subnet ${subnet.name} (${network}) are routed ${whereTo(first.decision)}, not to ${input}`,
        [
          `by ${printedDecision(first.decision)}, before the main table is asked`,
          whole
            ? 'nothing reaches its namespaces, and what they send is dropped: the way back to them leads elsewhere'
            : 'some packets do not reach its namespaces',
          `let the main table decide for the subnet: ${remedyFor(first.decision, family, network)}`,
        ],
        subnet.source,
      ),
    ]
  })
}

/** A network behind a link of the host, and an address in it. */
type Reached = Pick<Inside, 'family' | 'network' | 'address' | 'input'>

/** What sends packets to a network elsewhere; `always`: whoever sends them, without any doubt. Null where nothing does. */
export function diversionOf(
  host: NetworkState,
  { family, network, address, input }: Reached,
  uplinks: string[],
): { decision: RouteDecision; always: boolean } | null {
  if (asksMainFirst(host.rules, family)) return null
  const tables = { ...host, routes: [...decisive(host.routes), connected(family, network, input)] }
  const packet = { family, destination: address, mark: 0, protocol: null, destinationPort: null }
  const [outside = null] = OUTSIDE[family]
  const asked = [
    { ...packet, source: null, input: null },
    ...uplinks.map(uplink => ({ ...packet, source: outside, input: uplink })),
  ].map(one => possibleDecisions(tables, one))
  const isAstray = (decision: RouteDecision | null): decision is RouteDecision =>
    decision !== null && !everyHopOf(decision.route ?? REFUSED).some(({ dev }) => dev === input)
  const [decision] = asked.flat().filter(isAstray)
  if (decision === undefined) return null
  return { decision, always: asked.every(([sure = null]) => isAstray(sure)) }
}

/** As on most hosts: before the main table, which has the subnet's route, only the host's own addresses are asked for. */
function asksMainFirst(rules: PolicyRule[], family: Family): boolean {
  const own = rules.filter(rule => rule.family === family).toSorted((a, b) => a.priority - b.priority)
  const isPlain = ({ from, selector }: PolicyRule) => from === 'all' && Object.keys(selector).length === 0
  const [decisive] = own.filter(rule => !isPlain(rule) || rule.table !== LOCAL_TABLE)
  return own.length === 0 || (decisive !== undefined && isPlain(decisive) && decisive.table === MAIN_TABLE)
}

const REFUSED = { via: null, dev: null } as Route

/** The way there by a rule of its own, before the one that has decided. */
export function remedyFor({ rule }: RouteDecision, family: Family, network: string): string {
  const six = family === 'ipv6' ? ' -6' : ''
  return `ip${six} rule add pref ${Math.max(rule.priority - 1, 1)} to ${network} lookup main`
}

export function whereTo({ route }: RouteDecision): string {
  const devs = route === null ? [] : everyHopOf(route).flatMap(({ dev }) => dev ?? [])
  return devs.length === 0 ? 'nowhere' : `to ${devs.join(' or ')}`
}

const decisiveOf = new WeakMap<readonly Route[], Route[]>()

/**
 * The subnet's own route stands for all narrow ones of the main table: overlaps with others are found elsewhere. A host has a
 * few routes for each of its subnets, and is asked for each subnet.
 */
function decisive(routes: Route[]): Route[] {
  const known = decisiveOf.get(routes)
  if (known) return known
  const found = routes.filter(
    route => route.table !== LOCAL_TABLE && (route.table !== MAIN_TABLE || isDefaultOrPiece(route)),
  )
  decisiveOf.set(routes, found)
  return found
}

function connected(family: Family, to: string, dev: string): Route {
  const made = { family, to, via: null, dev, table: MAIN_TABLE, protocol: FROM_KERNEL, metric: 0 }
  return { ...made, type: 'unicast', source: null }
}

function endAddresses({ veths }: Topology, { subnet, network }: Inside): string[] {
  return veths
    .filter(pair => pair.subnet === subnet.name)
    .flatMap(({ ends }) => ends.filter(({ namespace }) => namespace !== 'host'))
    .flatMap(({ addresses }) => addresses.filter(text => contains(cidr(network), cidr(text))).map(addressOf))
}
