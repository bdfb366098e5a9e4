import { graph as graphOf, liveGraph } from '../engine/graph.ts'
import type { Graph } from '../graph/graph.ts'
import { renderDot } from '../render/graph/dot.ts'
import { renderMermaid } from '../render/graph/mermaid.ts'
import type { Context, HostOptions } from './context.ts'
import { hostFor } from './host.ts'
import { readTopology } from './topology-file.ts'

export interface GraphOptions extends HostOptions {
  format: 'mermaid' | 'dot' | 'svg' | 'html'
  /** Whether to read the live host, and mark what differs and what has passed. */
  live: boolean
}

/** Draws a topology; without `live` from its file alone, on any machine. */
export async function graph(file: string, options: GraphOptions, context: Context): Promise<number> {
  const { topology } = await readTopology(file, context)
  const drawn = options.live ? await liveGraph(topology, hostFor(context, options)) : graphOf(topology)
  context.write(await render(drawn, options.format))
  return 0
}

/** What is laid out is loaded only here: the layout library is as large as all of nsctl. */
async function render(drawn: Graph, format: GraphOptions['format']): Promise<string> {
  if (format === 'mermaid') return renderMermaid(drawn)
  if (format === 'dot') return renderDot(drawn)
  const { layOut } = await import('../render/graph/picture.ts')
  const layout = await layOut(drawn)
  if (format === 'svg') return (await import('../render/graph/svg.ts')).renderSvg(layout)
  return (await import('../render/graph/html.ts')).renderHtml(drawn, layout)
}
