import { namespaceOwner } from '../../kinds/namespace.ts'
import { linkNamed } from '../../model/host/by-name.ts'
import type { Link, Snapshot } from '../../model/host/snapshot.ts'
import { groupOf, readMark } from '../../model/ownership.ts'
import type { Finding } from '../../model/plan/plan.ts'
import type { Topology } from '../../model/topology.ts'
import { error } from './finding.ts'

/** The group is what the firewall matches: a stranger in it would be guarded, and is a clash that must be told. */
export function strangersInGroup(topology: Topology, snapshot: Snapshot): Finding[] {
  const group = groupOf(topology.name)
  return snapshot.host.links
    .filter(link => link.group === group)
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
