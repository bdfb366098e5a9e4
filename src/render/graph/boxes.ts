import type { GraphNode, GraphRow } from '../../graph/graph.ts'
import { escapeText } from '../../model/text/escape.ts'

/** A node with its size, and where its texts stand in it. All in pixels at scale 1. */
export interface Box {
  node: GraphNode
  width: number
  height: number
  /** Baselines of the rows, parallel to the node's. */
  rows: { y: number; label: string; text: string; kind: GraphRow['kind'] }[]
  /** As far as there is room for it. */
  name: string
  /** Where the second column begins. */
  column: number
}

export const SIZES = { title: 13, row: 11.5, caption: 10 } as const
const PADDING = 14
export const HEADER = 32
export const LINE = 17
const GAP = 10

/** Monospace fonts are 0.6 em wide, some a little more: no metrics of any font are needed to be sure of the room. */
const ADVANCE = 0.62

const LONGEST = 44

export function widthOf(text: string, size: number): number {
  return [...text].length * ADVANCE * size
}

export function boxOf(node: GraphNode): Box {
  const name = clipped(node.name)
  const rows = node.rows.map(({ kind, label, text }, i) => ({
    kind,
    label: clipped(label),
    text: clipped(text),
    y: HEADER + 13 + i * LINE,
  }))
  const labels = Math.max(0, ...rows.map(({ label }) => widthOf(label, SIZES.row)))
  const column = PADDING + (labels === 0 ? 0 : labels + GAP)
  const caption = node.caption === '' ? 0 : widthOf(node.caption, SIZES.caption) + 2 * GAP
  const widest = Math.max(
    PADDING + widthOf(name, SIZES.title) + caption,
    ...rows.map(({ text }) => column + widthOf(text, SIZES.row)),
  )
  return {
    node,
    name,
    rows,
    column,
    width: Math.ceil(Math.max(MIN_WIDTH, widest + PADDING)),
    height: rows.length === 0 ? HEADER : HEADER + rows.length * LINE + 10,
  }
}

const MIN_WIDTH = 84

/** All boxes of a kind as wide as the widest: they stand in columns. */
export function aligned(boxes: Box[]): Box[] {
  const widths = new Map<string, number>()
  for (const { node, width } of boxes) widths.set(node.kind, Math.max(width, widths.get(node.kind) ?? 0))
  return boxes.map(box => ({ ...box, width: widths.get(box.node.kind) ?? box.width }))
}

function clipped(text: string): string {
  const characters = [...escapeText(text)]
  return characters.length <= LONGEST ? characters.join('') : `${characters.slice(0, LONGEST - 1).join('')}…`
}
