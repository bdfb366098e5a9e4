import { takeSnapshot } from '../../engine/inspect/snapshot.ts'
import { renderJson } from '../../render/json.ts'
import type { Context, ReaderOptions } from '../context.ts'
import { hostFor } from '../host.ts'

/** Prints the live state as one JSON document. */
export async function snapshot(options: ReaderOptions, context: Context): Promise<number> {
  context.write(renderJson(await takeSnapshot(hostFor(context, options))))
  return 0
}
