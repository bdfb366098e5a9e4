import { ownsLink } from '../../../kinds/link/link.ts'
import { type Cidr, cidr, contains, overlaps } from '../../../model/address.ts'
import { linkNamed } from '../../../model/host/by-name.ts'
import { FROM_KERNEL, MAIN_TABLE } from '../../../model/host/rtnetlink.ts'
import type { Link, Route, Snapshot } from '../../../model/host/snapshot.ts'
import { ROUTE_PROTOCOL, readMark } from '../../../model/ownership.ts'
import type { Finding } from '../../../model/plan/plan.ts'
import { isDefaultOrPiece } from '../../../model/routing/outside.ts'
import type { Subnet, Topology } from '../../../model/topology.ts'
import { error, warning } from '../finding.ts'
import { likelyOwner } from '../neighbours.ts'

/** Networks that the host already reaches elsewhere: it cannot have them in two places. */
export function networkFindings(topology: Topology, snapshot: Snapshot): Finding[] {
  const routes = snapshot.host.routes
    .filter(route => isForeign(topology, snapshot, route))
    .map(route => ({ ...route, range: cidr(route.to) }))
  const onHost = new Set(
    topology.veths.filter(veth => veth.ends.some(end => end.namespace === 'host')).map(veth => veth.subnet),
  )
  return topology.subnets
    .filter(subnet => onHost.has(subnet.name) || subnet.bridge !== null)
    .flatMap(subnet =>
      subnet.networks.flatMap(network => [
        ...unknown(subnet, network, snapshot),
        ...clashes(subnet, network, routes, snapshot),
      ]),
    )
}

/** The snapshot was read for plans of other networks, and leaves out many routes: an overlap could not be seen. */
function unknown(subnet: Subnet, network: string, { host: { routesLeftOut } }: Snapshot): Finding[] {
  if (!routesLeftOut) return []
  const { count, wholeFor } = routesLeftOut
  if (wholeFor.some(whole => contains(cidr(whole), cidr(network)))) return []
  return [
    error(
      'routes-unknown',
      subnet.name,
      `subnet ${subnet.name} (${network}): not all routes of the host are known`,
      [
        `${count} of them were left out when the host was read: it was read for other networks`,
        'read the host again for this topology, or all of it: nsctl snapshot',
      ],
      subnet.source,
    ),
  ]
}

type Reached = Route & { range: Cidr }

function clashes(subnet: Subnet, network: string, routes: Reached[], snapshot: Snapshot): Finding[] {
  const own = cidr(network)
  const found = routes.filter(route => overlaps(own, route.range))
  const [narrow, wide] = [
    found.filter(({ range }) => contains(own, range)),
    found.filter(({ range }) => !contains(own, range)),
  ]
  const worst = narrow[0]
  if (worst) {
    return [
      error(
        'subnet-overlap',
        subnet.name,
        `subnet ${subnet.name} (${network}) overlaps a network that the host has elsewhere`,
        [describe(worst, snapshot), 'choose a network that nothing on this host uses'],
        subnet.source,
      ),
    ]
  }
  // A network that the host is itself connected to cannot be split, however wide it is.
  const connected = wide.find(({ protocol }) => protocol === FROM_KERNEL)
  const describeIt = connected ?? wide[0]
  if (!describeIt) return []
  return [
    (connected ? error : warning)(
      'subnet-overlap',
      subnet.name,
      `subnet ${subnet.name} (${network}) lies in a network that the host reaches elsewhere`,
      [
        describe(describeIt, snapshot),
        connected
          ? 'choose a network that nothing on this host uses'
          : 'hosts of that network with these addresses will not be reached any more',
      ],
      subnet.source,
    ),
  ]
}

function describe({ to, via, dev }: Route, snapshot: Snapshot): string {
  const link = linkNamed(snapshot.host.links, dev ?? '')
  const owner = link ? likelyOwner(link) : null
  const way =
    via === null
      ? `is connected through ${dev ?? 'nothing'}`
      : `is routed via ${via}${dev ? ` through ${dev}` : ''}`
  const whose = readMark(link?.alias ?? null) ? `, of ${owner}` : `, which looks like ${owner}'s`
  return `${to} ${way}${owner === null ? '' : whose}`
}

function isForeign(topology: Topology, snapshot: Snapshot, route: Route): boolean {
  if (
    route.table !== MAIN_TABLE ||
    route.to.endsWith('/0') ||
    // A piece of a default route is no network: what is narrower comes first.
    isDefaultOrPiece(route) ||
    !['unicast', 'blackhole', 'unreachable', 'prohibit'].includes(route.type)
  )
    return false
  if (route.to.startsWith('fe80:') || route.to.startsWith('ff')) return false
  const link = linkNamed(snapshot.host.links, route.dev ?? '')
  return !(link && isOwn(topology, link)) && !(route.protocol === ROUTE_PROTOCOL && !link)
}

function isOwn(topology: Topology, link: Link): boolean {
  return ownsLink(topology.name, link) || isAdopted(topology, link)
}

/** Links that the file adopts carry the subnet's network already: that is the point. */
function isAdopted(topology: Topology, link: Link): boolean {
  return (
    readMark(link.alias) === null &&
    topology.veths.some(
      veth => veth.adopt && veth.ends.some(end => end.namespace === 'host' && end.interface === link.name),
    )
  )
}
