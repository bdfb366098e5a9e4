import { type Graph, type GraphEdge, isOnHost } from '../../graph/graph.ts'
import type { Box } from './boxes.ts'

export interface Point {
  x: number
  y: number
}

export interface Frame {
  x: number
  y: number
  width: number
  height: number
}

export interface PlacedBox {
  box: Box
  x: number
  y: number
}

export interface DrawnLine {
  edge: GraphEdge
  /** From end to end, only horizontal and vertical between. */
  points: Point[]
  labels: { text: string; x: number; y: number }[]
}

/** Where everything is to be. */
export interface Layout {
  /** What is drawn: some layouts say with rows what others say with lines. */
  graph: Graph
  width: number
  height: number
  placed: PlacedBox[]
  routes: DrawnLine[]
  /** Around what lies on the host; null where nothing does. */
  host: Frame | null
  /** Around a subnet and its namespaces, where they are not joined by lines. */
  groups: Frame[]
}

/** Room around the picture. */
export const MARGIN = 24
/** Room within a frame, and for its title. */
export const FRAME = 22
export const FRAME_TITLE = 26

/** The frame around everything that lies on the host. */
export function hostFrame(placed: PlacedBox[]): Frame | null {
  const own = placed.filter(({ box }) => isOnHost(box.node))
  if (own.length === 0) return null
  const [left, top] = [Math.min(...own.map(({ x }) => x)), Math.min(...own.map(({ y }) => y))]
  const right = Math.max(...own.map(({ x, box }) => x + box.width))
  const bottom = Math.max(...own.map(({ y, box }) => y + box.height))
  return {
    x: left - FRAME,
    y: top - FRAME_TITLE - 8,
    width: right - left + 2 * FRAME,
    height: bottom - top + FRAME_TITLE + 8 + FRAME,
  }
}
