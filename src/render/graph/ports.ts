import type { GraphEdge } from '../../graph/graph.ts'
import { type Box, HEADER, LINE } from './boxes.ts'

/** Where a line meets a box: beside the row that it is about. */
export interface GraphPort {
  id: string
  x: number
  y: number
}

/** The edge's port on one of its ends. */
export function portOf(edge: GraphEdge, box: Box, side: 'from' | 'to'): GraphPort {
  const y = heightOf(edge, box, side)
  // One port for each sort of line, so that lines of a sort leave as one and then part.
  return { id: `${box.node.id}|${side}|${edge.kind}|${y}`, x: side === 'from' ? box.width : 0, y }
}

const MIDDLE = HEADER / 2

function heightOf({ kind, interfaces }: GraphEdge, { node, rows }: Box, side: 'from' | 'to'): number {
  const beside = (baseline: number | undefined) => (baseline === undefined ? MIDDLE : baseline + 5 - LINE / 2)
  if (kind === 'uplink') return MIDDLE
  // A way out and published ports share a side of the uplink.
  if (node.kind === 'uplink') return kind === 'forward' ? MIDDLE + 6 : MIDDLE - 6
  if (kind === 'forward') return beside(rows.find(row => row.kind === 'forward')?.y)
  if (kind === 'link') return beside(rows.find(row => row.label === interfaces?.[side])?.y)
  return kind === 'allow' && side === 'to' ? MIDDLE - 6 : MIDDLE
}
