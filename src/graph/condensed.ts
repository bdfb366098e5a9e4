import type { Graph, GraphEdge, GraphNode, GraphRow } from './graph.ts'
import { row } from './parts.ts'

/**
 * The same for a picture in which lines would hide more than they tell: ways out, direct paths, and every veth pair of a
 * namespace to the host but its first become rows of the boxes; published ports are rows already. What is left as
 * edges: pairs between namespaces, and one that says which subnet a namespace is to be shown in.
 */
export function condensed(graph: Graph): Graph {
  const names = new Map(graph.nodes.map(({ id, name }) => [id, name]))
  const rows = new Map<string, GraphRow[]>()
  const add = (id: string, one: GraphRow) => rows.set(id, [...(rows.get(id) ?? []), one])
  const ways = new Map<string, string[]>()
  const homes = homesOf(graph)
  for (const one of graph.edges) {
    const { kind, from, to, labels, interfaces } = one
    if (isToHost(one) && homes.get(to) !== one)
      add(to, row('note', interfaces?.to ?? '', `in ${names.get(from)}`))
    if (kind === 'way-out') ways.set(to, [...(ways.get(to) ?? []), names.get(from) ?? ''])
    if (kind === 'allow')
      add(to, row('allow', 'from', [names.get(from), ...labels].filter(text => text !== '').join('  ')))
  }
  for (const [id, uplinks] of ways) add(id, row('note', 'out', uplinks.join(', ')))
  return {
    ...graph,
    nodes: graph.nodes.map(
      (node): GraphNode => ({ ...node, rows: [...node.rows, ...(rows.get(node.id) ?? [])] }),
    ),
    edges: graph.edges.filter(
      edge => edge.kind === 'link' && (!isToHost(edge) || homes.get(edge.to) === edge),
    ),
  }
}

/** The pair that says where a namespace is shown; none for those that are joined to other namespaces. */
function homesOf({ edges }: Graph): Map<string, GraphEdge> {
  const direct = new Set(edges.flatMap(edge => (isDirect(edge) ? [edge.from, edge.to] : [])))
  const homes = new Map<string, GraphEdge>()
  for (const edge of edges) {
    if (isToHost(edge) && !homes.has(edge.to) && !direct.has(edge.to)) homes.set(edge.to, edge)
  }
  return homes
}

function isToHost(edge: GraphEdge): boolean {
  return edge.kind === 'link' && !isDirect(edge)
}

/** A veth pair between two namespaces. */
export function isDirect({ kind, from }: GraphEdge): boolean {
  return kind === 'link' && from.startsWith('namespace/')
}
