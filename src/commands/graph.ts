import { graphOf } from '../graph/from-topology.ts'
import type { Graph } from '../graph/graph.ts'
import { withLive } from '../graph/live.ts'
import { readTraffic } from '../kernel/read-traffic.ts'
import type { Topology } from '../model/topology.ts'
import { planTopology } from '../planner/plan.ts'
import { resolveOffline, resolveTopology } from '../planner/resolve.ts'
import { renderDot } from '../render/graph/dot.ts'
import { renderMermaid } from '../render/graph/mermaid.ts'
import type { Context, HostOptions } from './context.ts'
import { readLive } from './live.ts'
import { readTopology } from './topology-file.ts'

export interface GraphOptions extends HostOptions {
  format: 'mermaid' | 'dot' | 'svg' | 'html'
  /** Whether to read the live host, and mark what differs and what has passed. */
  live: boolean
}

/** Draws a topology; without `live` from its file alone, on any machine. */
export async function graph(file: string, options: GraphOptions, context: Context): Promise<number> {
  const { topology } = await readTopology(file, context)
  const drawn = options.live ? await liveGraph(topology, options, context) : graphOf(resolveOffline(topology))
  context.write(await render(drawn, options.format))
  return 0
}

async function liveGraph(topology: Topology, options: HostOptions, context: Context): Promise<Graph> {
  const snapshot = await readLive(context, options, topology.name, topology)
  const resolved = resolveTopology(topology, snapshot)
  const { changes } = planTopology(topology, snapshot)
  const present = resolved.namespaces.map(({ name }) => name).filter(name => snapshot.namespaces[name])
  const traffic = await readTraffic(context.run, present)
  return withLive(
    graphOf(resolved),
    resolved,
    changes,
    (namespace, name) => traffic.get(namespace)?.get(name) ?? null,
  )
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
