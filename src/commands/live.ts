import { readFor } from '../engine/read-host.ts'
import type { Earlier } from '../kernel/earlier.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Topology } from '../model/topology.ts'
import { renderDiagnostics } from '../render/diagnostics.ts'
import { accepting } from '../topology/accepting.ts'
import { loadTopology } from '../topology/load.ts'
import { accessOf } from './access.ts'
import type { Context, HostOptions } from './context.ts'
import { readText } from './files.ts'

/** A topology as its file has it; its warnings are said, its errors thrown as InvalidTopology. */
export async function readTopology(
  path: string,
  context: Context,
  accept: string[] = [],
): Promise<{ topology: Topology; text: string }> {
  const text = await readText(path)
  return { topology: topologyIn(text, path, context, accept), text }
}

/** The same from a text that was read already. */
export function topologyIn(
  text: string,
  path: string,
  context: Pick<Context, 'environment' | 'say' | 'errorColors'>,
  accept: string[],
): Topology {
  const { topology, warnings } = loadTopology(text, path, context.environment)
  if (warnings.length > 0) context.say(renderDiagnostics(warnings, 'text', context.errorColors))
  return accepting(accept, topology)
}

/** The live host, as far as plans for this topology need it. */
export async function readLive(
  context: Context,
  options: HostOptions,
  name: string | null,
  topology: Topology | null = null,
  earlier?: Earlier,
): Promise<Snapshot> {
  return readFor({ name, topologies: topology ? [topology] : [], earlier }, accessOf(context, options))
}

/** The same for several at once, none of which has been cut off: one reading for all. */
export async function readLiveFor(
  context: Context,
  options: HostOptions,
  topologies: readonly Topology[],
): Promise<Snapshot> {
  return readFor({ name: null, topologies }, accessOf(context, options))
}
