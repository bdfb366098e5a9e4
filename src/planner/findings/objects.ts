import { resourcesOf } from '../../kinds/kind.ts'
import { namespaceOwner } from '../../kinds/namespace.ts'
import { routeId } from '../../kinds/network/desired-routes.ts'
import { ownsHostRoute } from '../../kinds/network/route.ts'
import { file } from '../../kinds/settings/file.ts'
import { FROM_KERNEL, LOCAL_TABLE, MAIN_TABLE } from '../../model/host/rtnetlink.ts'
import { networksOf, whereabouts } from '../../model/host/scope.ts'
import type { Route, Snapshot } from '../../model/host/snapshot.ts'
import { markOf, ROUTE_PROTOCOL } from '../../model/ownership.ts'
import { isCreatedByInterrupted } from '../../model/plan/created-by-interrupted.ts'
import type { Finding } from '../../model/plan/plan.ts'
import type { State } from '../../model/plan/resource.ts'
import { listOf } from '../../model/text/phrases.ts'
import type { Namespace, Topology } from '../../model/topology.ts'
import { error } from './finding.ts'
import { strangersInGroup } from './group.ts'
import { foreignLinks } from './links.ts'

/** Objects of a wanted name that are not this topology's: never taken, unless the file says `adopt`. */
export function foreignObjects(topology: Topology, desired: State, snapshot: Snapshot): Finding[] {
  return [
    ...topology.namespaces.flatMap(namespace => foreignNamespace(topology, namespace, snapshot)),
    ...foreignLinks(topology, snapshot),
    ...foreignRoutes(topology, desired, snapshot),
    ...foreignFiles(topology, desired, snapshot),
    ...strangersInGroup(topology, snapshot),
  ]
}

function foreignNamespace(
  topology: Topology,
  { name, adopt, source }: Namespace,
  snapshot: Snapshot,
): Finding[] {
  const live = snapshot.namespaces[name]
  if (!live) return []
  if (live.leftover) return []
  if (live.unreadable !== undefined) {
    return [
      error(
        'namespace-unreadable',
        name,
        `namespace ${name} exists but cannot be entered`,
        [live.unreadable, `remove what is left of it: ip netns del ${name}`],
        source,
      ),
    ]
  }
  const owner = namespaceOwner(snapshot, name)
  if (owner === topology.name) return []
  if (owner !== null) {
    return [
      error(
        'namespace-taken',
        name,
        `namespace ${name} belongs to the topology ${owner}`,
        [`give it another name here, or remove it from ${owner}`],
        source,
      ),
    ]
  }
  if (adopt || isCreatedByInterrupted(snapshot, topology.name, `namespace/${name}`)) return []
  const holds = live.links.filter(link => link.name !== 'lo').map(link => link.name)
  return [
    error(
      'namespace-exists',
      name,
      `namespace ${name} exists and is not nsctl's`,
      [
        `it holds ${holds.length === 0 ? 'no interface but lo' : holds.join(', ')}${livingIn(live.pids)}`,
        `to take it over: adopt: true under namespaces.${name}; else give it another name here, or remove it: ip netns del ${name}`,
      ],
      source,
    ),
  ]
}

function livingIn(pids: { pid: number; command: string }[]): string {
  if (pids.length === 0) return ''
  const processes = pids.map(({ pid, command }) => `${command} (pid ${pid})`)
  return `; processes in it: ${listOf(processes, 3)}`
}

function foreignRoutes(topology: Topology, desired: State, snapshot: Snapshot): Finding[] {
  return networksOf(snapshot).flatMap(([scope, { routes }]) =>
    routes.flatMap(live => {
      const wanted = desired.get(routeId(scope, live))
      const free = wanted === undefined || live.protocol === FROM_KERNEL || live.table === LOCAL_TABLE
      if (free || ownedRoute(topology, snapshot, scope, live)) return []
      const { via, dev } = wanted.attributes
      // A reply path of an uplink is the same for every topology, and shared.
      const shared = live.protocol === ROUTE_PROTOCOL && live.table !== MAIN_TABLE
      if ((scope !== 'host' || shared) && via === live.via && (dev === undefined || dev === live.dev))
        return []
      return [
        error(
          'route-exists',
          `${scope}/${live.to}`,
          `a route to ${live.to} exists ${whereabouts(scope)} and is not this topology's`,
          [
            `it leads ${live.via === null ? '' : `via ${live.via} `}through ${live.dev ?? 'no interface'}`,
            'give the route another metric here, or remove the other one',
          ],
          wanted.source,
        ),
      ]
    }),
  )
}

function ownedRoute(topology: Topology, snapshot: Snapshot, scope: string, live: Route): boolean {
  if (scope === 'host') return ownsHostRoute(snapshot, topology.name, live)
  const adopted = topology.namespaces.find(({ name }) => name === scope)?.adopt ?? false
  return live.protocol === ROUTE_PROTOCOL || !adopted
}

function foreignFiles(topology: Topology, desired: State, snapshot: Snapshot): Finding[] {
  return resourcesOf(file, desired).flatMap(({ attributes: { path }, source }) => {
    const [blocked] = ['/', path.split('/')[3] ?? ''].filter(
      name => typeof snapshot.etcNetns[name] === 'string',
    )
    if (blocked !== undefined) {
      const place = blocked === '/' ? '/etc/netns' : `/etc/netns/${blocked}`
      return [
        error(
          'file-exists',
          place,
          `${place} is not a directory`,
          ['nothing is written through a link; move it away, or leave out nameservers and search here'],
          source,
        ),
      ]
    }
    const live = snapshot.etcNetns[path.replace('/etc/netns/', '')]
    if (live === undefined || live?.startsWith(`# ${markOf(topology.name)}\n`)) return []
    return [
      error(
        'file-exists',
        path,
        `${path} exists and is not this topology's`,
        ['its first line does not bear the mark; move it away, or leave out nameservers and search here'],
        source,
      ),
    ]
  })
}
