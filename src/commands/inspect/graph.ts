import { graph as graphOf, liveGraph } from '../../engine/inspect/graph.ts'
import { type GraphFormat, renderGraph } from '../../render/graph/formats.ts'
import type { Context, ReaderOptions } from '../context.ts'
import { readTopology } from '../files/topology-file.ts'
import { hostFor } from '../host.ts'

export interface GraphOptions extends ReaderOptions {
  format: GraphFormat
  /** Whether to read the live host, and mark what differs and what has passed. */
  live: boolean
}

/** Draws a topology; without `live` from its file alone, on any machine. */
export async function graph(file: string, options: GraphOptions, context: Context): Promise<number> {
  const { topology } = await readTopology(file, context)
  const drawn = options.live ? await liveGraph(topology, hostFor(context, options)) : graphOf(topology)
  context.write(await renderGraph(drawn, options.format))
  return 0
}
