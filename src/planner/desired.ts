import { desiredState, KINDS } from '../kinds/all.ts'
import type { Kinds } from '../kinds/kind.ts'
import type { Snapshot } from '../model/host/snapshot.ts'
import type { State } from '../model/plan/resource.ts'
import type { Topology } from '../model/topology.ts'
import { resolveTopology } from './resolve.ts'

interface Wanted {
  /** With what only the host can say filled in. */
  resolved: Topology
  desired: State
}

/** What a topology wants on this host. Neither the two nor this may change. */
export function desiredOn(snapshot: Snapshot, topology: Topology, kinds: Kinds = KINDS): Wanted {
  const known = last.get(topology)?.deref()
  if (known?.snapshot === snapshot && known.kinds === kinds) return known
  const resolved = resolveTopology(topology, snapshot)
  const wanted = { snapshot, kinds, resolved, desired: desiredState(resolved, snapshot, kinds) }
  last.set(topology, new WeakRef(wanted))
  return wanted
}

/**
 * What proves an apply, and what it puts on record, want the same; with a thousand namespaces that takes a while. What the
 * plan wanted is let go by then.
 */
const last = new WeakMap<Topology, WeakRef<Wanted & { snapshot: Snapshot; kinds: Kinds }>>()
