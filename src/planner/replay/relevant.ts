import { namespaceOwner } from '../../kinds/namespace.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { Plan } from '../../model/plan/plan.ts'
import type { Topology } from '../../model/topology.ts'
import { touchedNamespaces } from '../steps/touched-namespaces.ts'

/** The snapshot without the namespaces that neither the topology nor the plan has to do with. */
export function relevantTo(topology: Topology, plan: Plan, snapshot: Snapshot): Snapshot {
  const touched = touchedNamespaces(plan)
  const declared = new Set(topology.namespaces.map(({ name }) => name))
  const namespaces = Object.entries(snapshot.namespaces).filter(
    ([name]) => touched.has(name) || declared.has(name) || namespaceOwner(snapshot, name) === topology.name,
  )
  return { ...snapshot, namespaces: Object.fromEntries(namespaces), listeners: [] }
}
