import { readText } from '../../engine/host/files.ts'
import { loadTopology } from '../../engine/host/load.ts'
import { type Diagnostic, InvalidTopology } from '../../model/diagnostic.ts'
import type { Topology } from '../../model/topology.ts'
import { renderDiagnostics } from '../../render/diagnostics.ts'
import type { Context } from '../context.ts'

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
  file: string,
  context: Pick<Context, 'environment' | 'say' | 'errorColors'>,
  accept: string[],
): Topology {
  const loaded = loadTopology(text, { file, environment: context.environment, accept })
  if (loaded.kind === 'invalid') throw new InvalidTopology(loaded.diagnostics)
  sayWarnings(loaded.warnings, context)
  return loaded.topology
}

export function sayWarnings(
  warnings: Diagnostic[],
  { say, errorColors }: Pick<Context, 'say' | 'errorColors'>,
): void {
  if (warnings.length > 0) say(renderDiagnostics(warnings, 'text', errorColors))
}
