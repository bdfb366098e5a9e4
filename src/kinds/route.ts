import { DEFAULT_ROUTE, familyOf } from '../model/address.ts'
import { linkNamed, subnetNamed } from '../model/named.ts'
import { ROUTE_PROTOCOL } from '../model/ownership.ts'
import type { Operation } from '../model/plan.ts'
import type { Resource } from '../model/resource.ts'
import { defaultMetric, FROM_KERNEL, FROM_ROUTER_ADVERTISEMENT, MAIN_TABLE } from '../model/rtnetlink.ts'
import { networkIn } from '../model/scope.ts'
import type { Route, Snapshot } from '../model/snapshot.ts'
import type { DeclaredRoute, Topology } from '../model/topology.ts'
import { type Claimed, claimObject, isHeldBy, otherHolders, release } from './claim.ts'
import type { Kind } from './kind.ts'
import { ownsLink } from './link.ts'
import { linkId } from './link-id.ts'
import { namespaceId, namespaceOwner } from './namespace.ts'
import { replyPaths } from './reply-paths.ts'

export type RouteAttributes = {
  scope: string
  /** CIDR; 0.0.0.0/0 and ::/0 for default. */
  to: string
  via: string | null
  /** Absent where the author left the interface to the kernel. */
  dev?: string | null
  table: number
  metric: number
  type: Route['type']
  /** Observed only, on the host: other topologies that hold it. */
  others?: string[]
}

/** A route in one of the topology's namespaces, or on the host, by rtnetlink's protocol number 110. */
export const route: Kind<RouteAttributes> = {
  name: 'route',
  observedOnly: ['others'],

  desired: (topology, snapshot) => [
    ...defaultRoutes(topology),
    ...declaredRoutes(topology),
    ...replyRoutes(topology, snapshot),
  ],

  observed: (snapshot, topology) => {
    const inNamespaces = Object.entries(snapshot.namespaces).flatMap(([name, { routes }]) => {
      const owner = namespaceOwner(snapshot, name)
      // One that nobody marked may be about to be adopted, with the routes it has.
      if (owner !== topology && owner !== null) return []
      return routes.filter(isSetByHand).map(live => ({
        ...observedRoute(snapshot, topology, name, live),
        owned: owner !== null && isOurs(live),
      }))
    })
    const onHost = snapshot.host.routes.filter(live => ownsHostRoute(snapshot, topology, live))
    return [...inNamespaces, ...onHost.map(live => observedRoute(snapshot, topology, 'host', live))]
  },

  create: ({ attributes }) => [
    ...(attributes.scope === 'host' ? [claimObject(claimed(attributes))] : []),
    { stage: 'configure', command: ip(attributes, 'replace') },
  ],
  // Given up by this topology only: others hold it.
  update: (_before, after) => (after.owned ? route.create(after) : [release(claimed(after.attributes))]),
  remove: ({ attributes }) => [
    { stage: 'configure', command: ip(attributes, 'del') },
    ...(attributes.scope === 'host' ? [release(claimed(attributes))] : []),
  ],

  released: ({ attributes: { others, ...attributes } }) =>
    others && others.length > 0 ? { attributes, reason: `still needed by ${others.join(', ')}` } : null,

  renamed: (resource, { scope, from, to }) =>
    resource.scope === scope && resource.attributes.dev === from
      ? { ...resource, attributes: { ...resource.attributes, dev: to } }
      : resource,

  title: ({ to, type }) =>
    `route ${to === '::/0' ? 'default (IPv6)' : to.endsWith('/0') ? 'default' : to}${type === 'unicast' ? '' : ` ${type}`}`,
  detail: ({ via, dev, metric, to }) =>
    [
      via === null ? '' : `via ${via}`,
      dev && via === null ? `dev ${dev}` : '',
      metric === defaultMetric(familyOf(to)) ? '' : `metric ${metric}`,
    ]
      .filter(part => part !== '')
      .join(' '),
}

/** Whether a route of the host is a topology's: by the link it leaves through, else by its claim. */
export function ownsHostRoute(snapshot: Snapshot, topology: string, live: Route): boolean {
  if (live.protocol !== ROUTE_PROTOCOL) return false
  const link = linkNamed(snapshot.host.links, live.dev ?? '')
  if (link && ownsLink(topology, link)) return true
  return isHeldBy(snapshot, topology, claimed(live))
}

/** Id of a route, which tells what `ip route replace` would replace: destination, table and metric. */
export function routeId(
  scope: string,
  { to, table, metric }: Pick<Route, 'to' | 'table' | 'metric'>,
): string {
  const where = table === MAIN_TABLE ? '' : `/table-${table}`
  const weight = metric === defaultMetric(familyOf(to)) ? '' : `/metric-${metric}`
  return `route/${scope}/${to}${where}${weight}`
}

function defaultRoutes(topology: Topology): Resource<RouteAttributes>[] {
  return topology.veths.flatMap(pair => {
    const subnet = subnetNamed(topology.subnets, pair.subnet ?? '')
    return pair.ends.flatMap(end =>
      end.defaultRoute.flatMap(family => {
        const via = subnet?.gateways.find(gateway => familyOf(gateway) === family)
        if (via === undefined) return []
        const to = DEFAULT_ROUTE[family]
        const attributes = {
          scope: end.namespace,
          to,
          via,
          dev: end.interface,
          table: MAIN_TABLE,
          metric: defaultMetric(familyOf(to)),
        }
        return [
          desiredRoute({ ...attributes, type: 'unicast' }, `first way out of ${end.namespace}`, end.source),
        ]
      }),
    )
  })
}

/** In tables of their own, for replies to leave the way their connection came. */
function replyRoutes(topology: Topology, snapshot: Snapshot): Resource<RouteAttributes>[] {
  const seen = new Map<string, Resource<RouteAttributes>>()
  for (const { scope, table, routes, dev, end } of replyPaths(topology, snapshot)) {
    for (const { to, via } of routes) {
      const attributes = {
        scope,
        to,
        via,
        dev,
        table,
        metric: defaultMetric(familyOf(to)),
        type: 'unicast' as const,
      }
      const reason = `replies through ${dev}`
      const wanted = desiredRoute(attributes, reason, end?.source ?? topology.source)
      seen.set(wanted.id, wanted)
    }
  }
  return [...seen.values()]
}

function declaredRoutes(topology: Topology): Resource<RouteAttributes>[] {
  const inScope = (scope: string, routes: DeclaredRoute[]) =>
    routes.map(({ to, via, dev, metric, type, source }) =>
      desiredRoute(
        {
          scope,
          to,
          via,
          ...(dev === null ? {} : { dev }),
          table: MAIN_TABLE,
          metric: metric ?? defaultMetric(familyOf(to)),
          type,
        },
        null,
        source,
      ),
    )
  return [
    ...topology.namespaces.flatMap(({ name, routes }) => inScope(name, routes)),
    ...inScope('host', topology.hostRoutes),
  ]
}

function desiredRoute(
  attributes: RouteAttributes,
  reason: string | null,
  source: Resource['source'],
): Resource<RouteAttributes> {
  const { scope } = attributes
  return {
    kind: 'route',
    id: routeId(scope, attributes),
    scope,
    attributes,
    owned: true,
    within: scope === 'host' ? [] : [namespaceId(scope)],
    reason,
    source,
  }
}

function observedRoute(
  snapshot: Snapshot,
  topology: string,
  scope: string,
  live: Route,
): Resource<RouteAttributes> {
  const { to, via, dev, table, metric, type } = live
  const link = linkNamed(networkIn(snapshot, scope)?.links ?? [], dev ?? '')
  const others = otherHolders(snapshot, topology, claimed(live))
  return {
    kind: 'route',
    id: routeId(scope, live),
    scope,
    attributes: { scope, to, via, dev, table, metric, type, ...(scope === 'host' ? { others } : {}) },
    owned: isOurs(live),
    within: [...(link ? [linkId(scope, link)] : []), ...(scope === 'host' ? [] : [namespaceId(scope)])],
    reason: null,
    source: null,
  }
}

function isOurs({ protocol }: Route): boolean {
  return protocol === ROUTE_PROTOCOL
}

/** Not the kernel's own, nor from router advertisements, nor the local tables' entries. */
function isSetByHand({ protocol, type }: Route): boolean {
  return (
    ![FROM_KERNEL, FROM_ROUTER_ADVERTISEMENT].includes(protocol) &&
    ['unicast', 'blackhole', 'unreachable', 'prohibit', 'throw'].includes(type)
  )
}

function ip(
  { scope, to, via, dev, table, metric, type }: RouteAttributes,
  verb: 'replace' | 'del',
): Operation['command'] {
  const args = [
    ...['route', verb, ...(type === 'unicast' ? [] : [type]), to],
    ...(via === null ? [] : ['via', via]),
    ...(dev && type === 'unicast' ? ['dev', dev] : []),
    ...(table === MAIN_TABLE ? [] : ['table', String(table)]),
    ...(metric === 0 ? [] : ['metric', String(metric)]),
    ...['proto', String(ROUTE_PROTOCOL)],
  ]
  return { tool: 'ip', namespace: scope, args }
}

/** The claim on a route of the host. */
function claimed({ to, table, metric }: Pick<Route, 'to' | 'table' | 'metric'>): Claimed {
  return { kind: 'route', scope: 'host', key: `${to}/${table}/${metric}` }
}
