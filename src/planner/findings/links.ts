import { ownsLink } from '../../kinds/link/link.ts'
import { linkCalled, linkNamed } from '../../model/host/by-name.ts'
import { networkIn, whereabouts } from '../../model/host/scope.ts'
import type { Link, Snapshot } from '../../model/host/snapshot.ts'
import { readMark } from '../../model/ownership.ts'
import type { Finding } from '../../model/plan/plan.ts'
import type { End, Subnet, Topology, Veth } from '../../model/topology.ts'
import { adoptable } from './adoption.ts'
import { error } from './finding.ts'
import { likelyOwner } from './neighbours.ts'

/** Interfaces of a wanted name that are not this topology's, or that it cannot adopt. */
export function foreignLinks(topology: Topology, snapshot: Snapshot): Finding[] {
  return [
    ...topology.veths.flatMap(veth => veth.ends.flatMap(end => foreignLink(topology, veth, end, snapshot))),
    ...topology.subnets.flatMap(subnet => foreignBridge(topology, subnet, snapshot)),
  ]
}

function foreignLink(topology: Topology, veth: Veth, end: End, snapshot: Snapshot): Finding[] {
  const links = networkIn(snapshot, end.namespace)?.links ?? []
  const live = linkNamed(links, end.interface)
  const where = whereabouts(end.namespace)
  if (!live) return altnameTaken(topology, end, links, where)
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

/** A name is free only where no link has it as another name either. */
function altnameTaken(
  topology: Topology,
  wanted: Pick<End, 'namespace' | 'interface' | 'source'>,
  links: readonly Link[],
  where: string,
): Finding[] {
  const { namespace, interface: name, source } = wanted
  const live = linkCalled(links, name)
  if (!live || (ownsLink(topology.name, live) && !isDeclared(topology, namespace, live.name))) return []
  const place = namespace === 'host' ? [] : ['-n', namespace]
  return [
    error(
      'interface-exists',
      name,
      `${name} ${where} is another name of the interface ${live.name}`,
      [
        describeLink(live),
        `use another interface name here, or take that name from it: ${['ip', ...place, 'link property del dev', live.name, 'altname', name].join(' ')}`,
      ],
      source,
    ),
  ]
}

/** Whether an own link stays what it is: one that does not is renamed, or goes before anything takes its names. */
function isDeclared({ veths, subnets }: Topology, namespace: string, name: string): boolean {
  return (
    veths.some(({ ends }) => ends.some(end => end.namespace === namespace && end.interface === name)) ||
    (namespace === 'host' && subnets.some(({ bridge }) => bridge === name))
  )
}

function foreignBridge(topology: Topology, { bridge, source }: Subnet, snapshot: Snapshot): Finding[] {
  if (bridge === null) return []
  const { links } = snapshot.host
  const live = linkNamed(links, bridge)
  if (!live)
    return altnameTaken(
      topology,
      { namespace: 'host', interface: bridge, source },
      links,
      whereabouts('host'),
    )
  if (ownsLink(topology.name, live)) return []
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

function describeLink(link: Link): string {
  const addresses = link.addresses.map(({ address }) => address)
  const owner = likelyOwner(link)
  return [
    `it is ${link.kind === null ? 'an interface' : `a ${link.kind}`}`,
    addresses.length > 0 ? ` with ${addresses.join(', ')}` : '',
    owner === null ? '' : `, it looks like ${owner}'s`,
  ].join('')
}
