import type { Graph } from '../../graph/graph.ts'
import { renderDot } from './dot.ts'
import { renderMermaid } from './mermaid.ts'

export type GraphFormat = 'mermaid' | 'dot' | 'svg' | 'html'

/** A graph as text. The layout library, as large as all of nsctl, is loaded only for what is laid out. */
export async function renderGraph(drawn: Graph, format: GraphFormat): Promise<string> {
  if (format === 'mermaid') return renderMermaid(drawn)
  if (format === 'dot') return renderDot(drawn)
  const { layOut } = await import('./picture.ts')
  const layout = await layOut(drawn)
  if (format === 'svg') return (await import('./svg.ts')).renderSvg(layout)
  return (await import('./html.ts')).renderHtml(drawn, layout)
}
