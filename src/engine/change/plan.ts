import type { Snapshot } from '../../model/host/snapshot.ts'
import type { Plan } from '../../model/plan/plan.ts'
import type { Topology } from '../../model/topology.ts'
import { planDestroy as planRemoval, planTopology } from '../../planner/plan.ts'
import { predict } from '../../planner/predict.ts'
import type { DirectoryUnit } from '../host/directory.ts'
import { withStoppedFlows } from './stopped-flows.ts'

/**
 * Computes what applying a topology would change. Pure: it reads nothing but the snapshot, which must be of this topology
 * (`readHost({ topology })`) or of everything. A plan without changes means that the host is as declared.
 */
export function plan(topology: Topology, snapshot: Snapshot): Plan {
  return withStoppedFlows(planTopology(topology, snapshot), topology, snapshot)
}

/** Computes what destroying a topology would remove. Pure, as `plan` is. */
export function planDestroy(topology: string, snapshot: Snapshot): Plan {
  return planRemoval(topology, snapshot)
}

/** A plan with what it was made from. */
export interface Planned {
  plan: Plan
  /** Null where the topology is to be destroyed. */
  topology: Topology | null
  snapshot: Snapshot
}

/** Plans one topology, or its end. */
export function planOne(topology: Topology, snapshot: Snapshot, destroy: boolean): Planned {
  return destroy
    ? { plan: planDestroy(topology.name, snapshot), topology: null, snapshot }
    : { plan: plan(topology, snapshot), topology, snapshot }
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
