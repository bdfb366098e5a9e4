import type { Snapshot } from '../../model/host/snapshot.ts'
import type { Finding } from '../../model/plan/plan.ts'
import type { State } from '../../model/plan/resource.ts'
import type { Topology } from '../../model/topology.ts'
import { accepting } from './accepted.ts'
import { adoptionFindings } from './adoption.ts'
import { firewallFindings } from './firewall.ts'
import { forwardFindings } from './forwards.ts'
import { mountFindings } from './mounts.ts'
import { foreignObjects } from './objects.ts'
import { portFindings } from './ports.ts'
import { resolverFindings } from './resolver.ts'
import { divertedFindings } from './routing/diverted.ts'
import { networkFindings } from './routing/networks.ts'
import { uplinkFindings } from './routing/uplinks.ts'
import { wayOutFindings } from './routing/ways-out.ts'
import { unreadableFindings } from './rules/unreadable.ts'

/** What on the host stands in the way of a topology, or may; the topology is resolved. */
export function findingsOf(topology: Topology, desired: State, snapshot: Snapshot): Finding[] {
  const found = [
    ...unreadableFindings(topology, [desired], snapshot),
    ...uplinkFindings(topology, snapshot),
    ...wayOutFindings(topology, snapshot),
    ...divertedFindings(topology, snapshot),
    ...foreignObjects(topology, desired, snapshot),
    ...adoptionFindings(topology, snapshot),
    ...networkFindings(topology, snapshot),
    ...forwardFindings(topology),
    ...portFindings(topology, snapshot),
    ...firewallFindings(topology, snapshot),
    ...mountFindings(topology, snapshot),
    ...resolverFindings(topology, snapshot),
  ]
  return accepting(found, topology.accept).toSorted((a, b) => (a.source?.line ?? 0) - (b.source?.line ?? 0))
}
