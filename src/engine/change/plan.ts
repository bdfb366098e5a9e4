import type { Snapshot } from '../../model/host/snapshot.ts'
import type { Plan } from '../../model/plan/plan.ts'
import type { Topology } from '../../model/topology.ts'
import { planDestroy, planTopology } from '../../planner/plan.ts'
import { predict } from '../../planner/predict.ts'
import type { DirectoryUnit } from '../host/directory.ts'

/** A plan with what it was made from. */
export interface Planned {
  plan: Plan
  /** Null where a topology is to be destroyed that has no file any more. */
  topology: Topology | null
  snapshot: Snapshot
}

/** Plans one topology, or its end. */
export function planOne(topology: Topology, snapshot: Snapshot, destroy: boolean): Planned {
  const plan = destroy ? planDestroy(topology.name, snapshot) : planTopology(topology, snapshot)
  return { plan, topology, snapshot }
}

/**
 * Plans to destroy what has no file any more, which makes room, then those of every file; each of these as if it were the
 * only one.
 *
 * @param read reads the host for a topology
 */
export async function planDirectory(
  { topologies, removed }: Pick<DirectoryUnit, 'topologies' | 'removed'>,
  destroy: boolean,
  read: (name: string, topology: Topology | null) => Promise<Snapshot>,
): Promise<Planned[]> {
  const gone: Planned[] = []
  for (const name of removed) {
    const snapshot = await read(name, null)
    gone.push({ plan: planDestroy(name, snapshot), topology: null, snapshot })
  }
  const changes = gone.flatMap(({ plan }) => plan.changes)
  const plans: Planned[] = []
  for (const topology of topologies) {
    const snapshot = predict(await read(topology.name, topology), changes)
    plans.push(planOne(topology, snapshot, destroy))
  }
  return [...gone, ...plans]
}
