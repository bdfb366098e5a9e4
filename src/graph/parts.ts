import type { GraphEdge, GraphNode, GraphRow } from './graph.ts'

export const OUTSIDE = 'outside'

export function uplinkId(name: string): string {
  return `uplink/${name}`
}

export function subnetId(name: string): string {
  return `subnet/${name}`
}

export function interfaceId(name: string): string {
  return `interface/${name}`
}

/** A node of which no more is known yet. */
export function node(
  kind: GraphNode['kind'],
  id: string,
  name: string,
  caption: string,
  rows: GraphRow[],
  source: GraphNode['source'],
): GraphNode {
  return { id, kind, name, caption, rows, details: [], source, drift: [] }
}

export function edge(kind: GraphEdge['kind'], from: string, to: string): GraphEdge {
  return { id: `${kind}/${from}/${to}`, kind, from, to, interfaces: null, labels: [], details: [], drift: [] }
}

export function row(kind: GraphRow['kind'], label: string, text: string): GraphRow {
  return { kind, label, text }
}
