import { desiredState } from '../kinds/all.ts'
import type { State } from '../model/resource.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Topology } from '../model/topology.ts'
import { resolveTopology } from './resolve.ts'

interface Wanted {
  /** With what only the host can say filled in. */
  resolved: Topology
  desired: State
}

/** What a topology wants on this host. Neither the two nor this may change. */
export function wantedOn(snapshot: Snapshot, topology: Topology): Wanted {
  const known = wanted.get(snapshot) ?? new WeakMap<Topology, Wanted>()
  const found = known.get(topology) ?? want(topology, snapshot)
  wanted.set(snapshot, known.set(topology, found))
  return found
}

/** What proves an apply, and what it puts on record, want the same; with a thousand namespaces that takes a while. */
const wanted = new WeakMap<Snapshot, WeakMap<Topology, Wanted>>()

function want(topology: Topology, snapshot: Snapshot): Wanted {
  const resolved = resolveTopology(topology, snapshot)
  return { resolved, desired: desiredState(resolved, snapshot) }
}
