import type { Source } from '../model/diagnostic.ts'

/** A topology as things and what joins them: what every picture of it is drawn from. */
export interface Graph {
  topology: string
  /** `2 namespaces, 2 veth pairs…`. */
  summary: string
  nodes: GraphNode[]
  edges: GraphEdge[]
  /** Settings of the host as a whole, a line each. */
  host: string[]
  /** What would be changed of the host as a whole; only where the live host was read. */
  hostDrift: string[]
  /** Whether drift and traffic are those of the live host. */
  live: boolean
}

type NodeKind = 'outside' | 'uplink' | 'subnet' | 'interface' | 'namespace'

export interface GraphNode {
  /** `namespace/netns1`; unique in a graph. */
  id: string
  kind: NodeKind
  name: string
  /** What it is, in a word or two: `bridge br-lan`. */
  caption: string
  rows: GraphRow[]
  /** For who looks closer: what a box has no room for, a line each. */
  details: string[]
  source: Source | null
  /** What would mend it, a line each. */
  drift: string[]
}

/** A line in a box: what it is about, and what is to be said of it. */
export interface GraphRow {
  kind: 'address' | 'rate' | 'forward' | 'allow' | 'note' | 'traffic'
  label: string
  text: string
}

/**
 * `uplink`: outside to uplink; `way-out`: uplink to a subnet that may leave by it; `link`: a veth pair; `forward`:
 * published ports, uplink to namespace; `allow`: a direct path.
 */
export type EdgeKind = 'uplink' | 'way-out' | 'link' | 'forward' | 'allow'

export interface GraphEdge {
  id: string
  kind: EdgeKind
  from: string
  to: string
  /** Of a veth pair: the labels of the rows it joins. */
  interfaces: { from: string; to: string } | null
  /** Lines to stand beside it, where the boxes at its ends do not tell them. */
  labels: string[]
  details: string[]
  drift: string[]
}

/** A host's part in the picture: what lies in its own network namespace. */
export function isOnHost({ kind }: GraphNode): boolean {
  return kind === 'uplink' || kind === 'subnet' || kind === 'interface'
}
