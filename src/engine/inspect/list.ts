import { observedState } from '../../kinds/all.ts'
import type { State } from '../../model/plan/resource.ts'
import type { Sync } from '../../model/plan/status.ts'
import { topologiesOn } from '../../planner/topologies-on-host.ts'
import { completeAccess, type HostOptions } from '../host/access.ts'
import { readFor } from '../host/read-host.ts'
import { syncOf } from './sync.ts'

/** A topology on the host. */
export interface Listed {
  name: string
  /** How many objects it owns, by kind. */
  counts: Record<string, number>
  sync: Sync
}

/** The topologies on the host, from their marks in the kernel, sorted by name. Throws where the host cannot be read. */
export async function list(options: HostOptions = {}): Promise<Listed[]> {
  const snapshot = await readFor({ name: null, topologies: [] }, completeAccess(options))
  return topologiesOn(snapshot).map(name => {
    const observed = observedState(snapshot, name)
    return { name, counts: countsOf(observed), sync: syncOf(name, observed, snapshot) }
  })
}

function countsOf(observed: State): Listed['counts'] {
  const counts: Listed['counts'] = {}
  for (const { kind, owned } of observed.values()) if (owned) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
