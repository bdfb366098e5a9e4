import { cidr, contains, familyOf } from '../../model/address.ts'
import type { RouteCommand } from '../../model/command/ip.ts'
import { linkNamed } from '../../model/host/by-name.ts'
import { defaultMetric, FROM_KERNEL, FROM_ROUTER_ADVERTISEMENT } from '../../model/host/rtnetlink.ts'
import { networkIn } from '../../model/host/scope.ts'
import type { NetworkState, Route, Snapshot } from '../../model/host/snapshot.ts'
import { ROUTE_PROTOCOL } from '../../model/ownership.ts'
import type { Resource } from '../../model/plan/resource.ts'
import type { Kind } from '../kind.ts'
import { ownsLink } from '../link/link.ts'
import { linkId } from '../link/link-id.ts'
import { namespaceId, namespaceOwner } from '../namespace.ts'
import { type Claimed, claimObject, isHeldBy, otherHolders } from '../settings/claim.ts'
import { desiredRoutes, type RouteAttributes, routeId } from './desired-routes.ts'

/** A route in one of the topology's namespaces, or on the host, by rtnetlink's protocol number 110. */
export const route: Kind<RouteAttributes> = {
  name: 'route',
  layer: 'network',
  observedOnly: ['others'],

  desired: desiredRoutes,

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
    { stage: 'configure', command: ip(attributes, 'route-replace') },
  ],
  // Given up by this topology only: others hold it.
  update: (_before, after) => (after.owned ? route.create(after) : []),
  remove: ({ attributes }) => [{ stage: 'configure', command: ip(attributes, 'route-delete') }],

  onInterface: {
    interfaceOf: ({ dev }) => dev ?? null,
    renamed: (resource, to) => ({ ...resource, attributes: { ...resource.attributes, dev: to } }),
    restored: { others: () => false },
  },

  claims: {
    shared: true,
    of: ({ owned, attributes }) => (owned && attributes.scope === 'host' ? [claimed(attributes)] : []),
  },

  giveBack: {
    left: ({ attributes: { others, ...attributes } }) =>
      others && others.length > 0 ? { attributes, reason: `still needed by ${others.join(', ')}` } : null,
  },

  predict: predictRoute,

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

function observedRoute(
  snapshot: Snapshot,
  topology: string,
  scope: string,
  live: Route,
): Resource<RouteAttributes> {
  const { to, via, dev, table, metric, type, onlink } = live
  const link = linkNamed(networkIn(snapshot, scope)?.links ?? [], dev ?? '')
  const others = otherHolders(snapshot, topology, claimed(live))
  return {
    kind: 'route',
    id: routeId(scope, live),
    scope,
    attributes: {
      ...{ scope, to, via, dev, table, metric, type },
      ...(onlink ? { onlink } : {}),
      ...(scope === 'host' ? { others } : {}),
    },
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

function predictRoute(
  snapshot: Snapshot,
  before: RouteAttributes | null,
  after: RouteAttributes | null,
): void {
  const route = after ?? before
  const network = route && networkIn(snapshot, route.scope)
  if (!network) return
  // As `ip route replace`: one of this destination, table and metric takes the place of another.
  network.routes = network.routes.filter(
    ({ to, table, metric }) => to !== route.to || table !== route.table || metric !== route.metric,
  )
  if (after === null) return
  const { to, via, table, metric, type, onlink } = after
  const dev = after.dev ?? (via === null ? null : linkToward(network, via))
  network.routes.push({
    ...{ family: familyOf(to), to, via, dev, table, metric, type, protocol: ROUTE_PROTOCOL },
    source: null,
    ...(onlink ? { onlink } : {}),
  })
}

function linkToward({ links }: NetworkState, address: string): string | null {
  const near = links.find(link => link.addresses.some(live => contains(cidr(live.address), cidr(address))))
  return near?.name ?? null
}

function ip(
  { scope, to, via, dev, table, metric, type, onlink }: RouteAttributes,
  op: RouteCommand['op'],
): RouteCommand {
  return {
    ...{ tool: 'ip', namespace: scope, op, to, type, via, table, metric, protocol: ROUTE_PROTOCOL },
    // What goes nowhere goes through no interface: the kernel shows lo.
    dev: (type === 'unicast' && dev) || null,
    ...(onlink ? { onlink } : {}),
  }
}

/** The claim on a route of the host. */
function claimed({ to, table, metric }: Pick<Route, 'to' | 'table' | 'metric'>): Claimed {
  return { kind: 'route', scope: 'host', key: `${to}/${table}/${metric}` }
}
