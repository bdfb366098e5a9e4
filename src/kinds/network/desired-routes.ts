import { DEFAULT_ROUTE, familyOf } from '../../model/address.ts'
import { subnetNamed } from '../../model/host/by-name.ts'
import { defaultMetric, MAIN_TABLE } from '../../model/host/rtnetlink.ts'
import type { Route, Snapshot } from '../../model/host/snapshot.ts'
import type { Resource } from '../../model/plan/resource.ts'
import type { DeclaredRoute, Topology } from '../../model/topology.ts'
import { namespaceId } from '../namespace.ts'
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
  /** The gateway lies in no network of the interface. */
  onlink?: true
  /** Observed only, on the host: other topologies that hold it. */
  others?: string[]
}

/** Default routes, those that the file declares, and those of reply paths. */
export function desiredRoutes(topology: Topology, snapshot: Snapshot): Resource<RouteAttributes>[] {
  return [...defaultRoutes(topology), ...declaredRoutes(topology), ...replyRoutes(topology, snapshot)]
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
    for (const { to, via, onlink, type = 'unicast' } of routes) {
      const attributes: RouteAttributes = {
        ...{ scope, to, via, table, type },
        metric: defaultMetric(familyOf(to)),
        ...(type === 'unicast' ? { dev } : {}),
        ...(onlink ? { onlink } : {}),
      }
      const reason = type === 'unicast' ? `replies through ${dev}` : 'to the namespaces as ever'
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
