import { readFor } from '../engine/read-host.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Topology } from '../model/topology.ts'
import type { Context, HostOptions } from './context.ts'
import { hostFor } from './host.ts'

/** The live host, as far as plans for this topology need it. */
export async function readLive(
  context: Context,
  options: HostOptions,
  name: string | null,
  topology: Topology | null = null,
): Promise<Snapshot> {
  return readFor({ name, topologies: topology ? [topology] : [] }, hostFor(context, options))
}

/** The same for several at once, none of which has been cut off: one reading for all. */
export async function readLiveFor(
  context: Context,
  options: HostOptions,
  topologies: readonly Topology[],
): Promise<Snapshot> {
  return readFor({ name: null, topologies }, hostFor(context, options))
}
