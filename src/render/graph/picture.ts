import type { Graph } from '../../graph/graph.ts'
import { layered } from './layered.ts'
import type { Layout } from './layout.ts'
import { map } from './map.ts'

/** Beyond this many namespaces lines hide more than they tell. */
const MOST_NAMESPACES = 12

/** A place for everything: with lines while they can be followed, else like a map. */
export async function layOut(graph: Graph): Promise<Layout> {
  const namespaces = graph.nodes.filter(({ kind }) => kind === 'namespace')
  return namespaces.length > MOST_NAMESPACES ? map(graph) : layered(graph)
}
