import { ownsLink } from '../../kinds/link.ts'
import { namespaceOwner } from '../../kinds/namespace.ts'
import { ownsHostRoute, routeId } from '../../kinds/route.ts'
import { linkNamed } from '../../model/named.ts'
import { groupOf, isNsctlGroup, markOf, ROUTE_PROTOCOL, readMark } from '../../model/ownership.ts'
import type { Finding } from '../../model/plan.ts'
import type { State } from '../../model/resource.ts'
import type { Link, Snapshot } from '../../model/snapshot.ts'
import type { End, Namespace, Subnet, Topology, Veth } from '../../model/topology.ts'
import { isVouched } from '../../model/vouched.ts'
import { error } from './finding.ts'
import { likelyOwner } from './neighbours.ts'

/** Objects of a wanted name that are not this topology's: never taken, unless the file says `adopt`. */
export function foreignObjects(topology: Topology, desired: State, snapshot: Snapshot): Finding[] {
  return [
    ...topology.namespaces.flatMap(namespace => foreignNamespace(topology, namespace, snapshot)),
    ...topology.veths.flatMap(veth => veth.ends.flatMap(end => foreignLink(topology, veth, end, snapshot))),
    ...topology.subnets.flatMap(subnet => foreignBridge(topology, subnet, snapshot)),
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
  if (adopt || isVouched(snapshot, topology.name, `namespace/${name}`)) return []
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
  const shown = pids.slice(0, 3).map(({ pid, command }) => `${command} (pid ${pid})`)
  return `; processes in it: ${shown.join(', ')}${pids.length > 3 ? ` and ${pids.length - 3} more` : ''}`
}

function foreignLink(topology: Topology, veth: Veth, end: End, snapshot: Snapshot): Finding[] {
  const state = end.namespace === 'host' ? snapshot.host : snapshot.namespaces[end.namespace]
  const live = state && linkNamed(state.links, end.interface)
  if (!live) return []
  const where = end.namespace === 'host' ? 'on the host' : `in namespace ${end.namespace}`
  const owner = readMark(live.alias)?.topology
  if (owner !== undefined && owner !== topology.name) {
    return [
      error(
        'interface-taken',
        live.name,
        `interface ${live.name} ${where} belongs to the topology ${owner}`,
        ['give the end another interface name here'],
        end.source,
      ),
    ]
  }
  if (ownsLink(topology.name, live)) return []
  if (veth.adopt && live.kind === 'veth') return adoptable(topology, veth, end, live)
  return [
    error(
      'interface-exists',
      live.name,
      `interface ${live.name} exists ${where} and is not nsctl's`,
      [
        describeLink(live),
        `give the end another interface name here, or remove it: ip link del ${live.name}${live.kind === 'veth' ? '; to take the pair over: adopt: true on the veth' : ''}`,
      ],
      end.source,
    ),
  ]
}

function foreignBridge(topology: Topology, { bridge, source }: Subnet, snapshot: Snapshot): Finding[] {
  const live = bridge === null ? undefined : linkNamed(snapshot.host.links, bridge)
  if (!live || ownsLink(topology.name, live)) return []
  const owner = readMark(live.alias)?.topology
  const summary =
    owner === undefined
      ? `interface ${live.name} exists on the host and is not nsctl's`
      : `interface ${live.name} on the host belongs to the topology ${owner}`
  return [
    error(
      owner === undefined ? 'interface-exists' : 'interface-taken',
      live.name,
      summary,
      [describeLink(live), 'give the bridge another name here'],
      source,
    ),
  ]
}

/** A group or an alias that somebody else has put on a link is theirs; adoption would write over it. */
function adoptable(topology: Topology, veth: Veth, end: End, live: Link): Finding[] {
  const other = veth.ends.find(candidate => candidate !== end)
  const { peer } = live
  if (other && (peer?.namespace !== other.namespace || peer.interface !== other.interface)) {
    return [
      error(
        'adopt-mismatch',
        live.name,
        `the other end of ${live.name} is not ${other.namespace}:${other.interface}`,
        [`it is ${peer?.namespace ?? 'in a namespace without a name'}:${peer?.interface ?? '?'}`],
        end.source,
      ),
    ]
  }
  const segment = topology.subnets.find(({ name }) => name === veth.subnet)?.bridge ?? null
  if (end.namespace === 'host' && segment !== null && live.master !== null && live.master !== segment) {
    return [
      error(
        'adopt-port',
        live.name,
        `interface ${live.name} is a port of ${live.master}`,
        [
          `a port of ${segment} is what the file makes it: take it out first: ip link set dev ${live.name} nomaster`,
        ],
        end.source,
      ),
    ]
  }
  if (live.group === 0 && (live.alias ?? '') === '') return []
  return [
    error(
      'adopt-marked',
      live.name,
      `interface ${live.name} bears somebody else's group or alias`,
      [`group ${live.group}, alias ${JSON.stringify(live.alias ?? '')}: clear both to let nsctl adopt it`],
      end.source,
    ),
  ]
}

function describeLink(link: Link): string {
  const addresses = link.addresses.map(({ address }) => address)
  const owner = likelyOwner(link)
  return [
    `it is ${link.kind === null ? 'an interface' : `a ${link.kind}`}`,
    addresses.length > 0 ? ` with ${addresses.join(', ')}` : '',
    owner === null ? '' : `, it looks like ${owner}'s`,
  ].join('')
}

function foreignRoutes(topology: Topology, desired: State, snapshot: Snapshot): Finding[] {
  const scopes = [['host', snapshot.host] as const, ...Object.entries(snapshot.namespaces)]
  return scopes.flatMap(([scope, { routes }]) =>
    routes.flatMap(live => {
      const wanted = desired.get(routeId(scope, live))
      const free = wanted === undefined || live.protocol === 2 || live.table === 255
      if (free || ownedRoute(topology, snapshot, scope, live)) return []
      const { via, dev } = wanted.attributes
      // A reply path of an uplink is the same for every topology, and shared.
      const shared = live.protocol === ROUTE_PROTOCOL && live.table !== 254
      if ((scope !== 'host' || shared) && via === live.via && (dev === undefined || dev === live.dev))
        return []
      return [
        error(
          'route-exists',
          `${scope}/${live.to}`,
          `a route to ${live.to} exists ${scope === 'host' ? 'on the host' : `in namespace ${scope}`} and is not this topology's`,
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

function ownedRoute(
  topology: Topology,
  snapshot: Snapshot,
  scope: string,
  live: Snapshot['host']['routes'][number],
): boolean {
  if (scope === 'host') return ownsHostRoute(snapshot, topology.name, live)
  const adopted = topology.namespaces.find(({ name }) => name === scope)?.adopt ?? false
  return live.protocol === ROUTE_PROTOCOL || !adopted
}

function foreignFiles(topology: Topology, desired: State, snapshot: Snapshot): Finding[] {
  return [...desired.values()].flatMap(({ kind, attributes, source }) => {
    if (kind !== 'file') return []
    const path = String(attributes.path)
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

/** The group is what the firewall matches: a stranger in it would be guarded, and is a clash that must be told. */
function strangersInGroup(topology: Topology, snapshot: Snapshot): Finding[] {
  const group = groupOf(topology.name)
  return snapshot.host.links
    .filter(link => isNsctlGroup(link.group) && link.group === group)
    .flatMap(link => {
      const mark = readMark(link.alias)
      if (mark?.topology === topology.name) return []
      if (mark) {
        return [
          error(
            'group-clash',
            mark.topology,
            `the names ${topology.name} and ${mark.topology} hash to one link group`,
            [`${link.name} of ${mark.topology} is in group ${group}; rename one of the two topologies`],
            topology.source,
          ),
        ]
      }
      if (snapshot.journal?.topology === topology.name || lostOnlyItsAlias(topology, snapshot, link))
        return []
      return [
        error(
          'group-stranger',
          link.name,
          `interface ${link.name} is in this topology's link group without its mark`,
          [
            `group ${group} is what the firewall rules of ${topology.name} match`,
            `if it is nobody's, remove it: ip link del ${link.name}; else move it out: ip link set dev ${link.name} group 0`,
          ],
          topology.source,
        ),
      ]
    })
}

/**
 * What the file declares, still in the group it was born into, is marked again. Of a pair both ends have to be in the
 * group, joined as declared, in a namespace of the topology: the host's end is what no tenant can put into a group, and
 * the rest is what somebody else's link of the same name and group would not have.
 */
function lostOnlyItsAlias(topology: Topology, snapshot: Snapshot, link: Link): boolean {
  if ((link.alias ?? '') !== '') return false
  if (link.kind === 'bridge') return topology.subnets.some(({ bridge }) => bridge === link.name)
  const pair = topology.veths.find(({ ends }) =>
    ends.some(end => end.namespace === 'host' && end.interface === link.name),
  )
  const far = pair?.ends.find(end => end.namespace !== 'host')
  const live = far && linkNamed(snapshot.namespaces[far.namespace]?.links ?? [], far.interface)
  return (
    live !== undefined &&
    link.kind === 'veth' &&
    link.peer?.namespace === far?.namespace &&
    link.peer?.interface === far?.interface &&
    live.group === link.group &&
    namespaceOwner(snapshot, far?.namespace ?? '') === topology.name
  )
}
