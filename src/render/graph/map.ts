import { condensed, isDirect } from '../../graph/condensed.ts'
import type { Graph, GraphNode } from '../../graph/graph.ts'
import { groupBy } from '../../model/text/lookup.ts'
import { aligned, type Box, boxOf } from './boxes.ts'
import { layered } from './layered.ts'
import { type DrawnLine, type Frame, hostFrame, type Layout, MARGIN, type PlacedBox } from './layout.ts'

/** What is put beside others as one. Places in it count from its own corner. */
interface Block {
  width: number
  height: number
  placed: PlacedBox[]
  routes: DrawnLine[]
  groups: Frame[]
}

const GAP = 20
const INNER = 12
/** Of the whole: a screen's. */
const ASPECT = 1.6

/**
 * For what would be lost among lines: each subnet with its namespaces in a frame, in the order of the file, like
 * cards on a table. Only namespaces that are joined to one another have lines.
 */
export async function map(whole: Graph): Promise<Layout> {
  const graph = condensed(whole)
  const boxes = new Map(aligned(graph.nodes.map(boxOf)).map(box => [box.node.id, box]))
  const boxesOf = (nodes: GraphNode[]) => nodes.flatMap(({ id }) => boxes.get(id) ?? [])
  const top = strip(boxesOf(graph.nodes.filter(({ kind }) => kind === 'outside' || kind === 'uplink')))
  const members = membersOf(graph)
  const joined = new Set(graph.edges.filter(isDirect).flatMap(({ from, to }) => [from, to]))
  const housed = new Set([...members.values()].flat())
  const groups = graph.nodes
    .filter(({ kind }) => kind === 'subnet' || kind === 'interface')
    .flatMap(node => boxesOf([node]))
    .map(head =>
      group(
        head,
        (members.get(head.node.id) ?? []).flatMap(id => boxes.get(id) ?? []),
      ),
    )
  const alone = graph.nodes
    .filter(({ id, kind }) => kind === 'namespace' && !housed.has(id) && !joined.has(id))
    .flatMap(node => boxesOf([node]))
    .map(box => ({
      width: box.width,
      height: box.height,
      placed: [{ box, x: 0, y: 0 }],
      routes: [],
      groups: [],
    }))
  const blocks = [...groups, ...alone, ...(joined.size > 0 ? [await drawn(graph, joined)] : [])]
  const laid = shelves(blocks)
  const placed = [...moved(top, MARGIN + 22, MARGIN + 34).placed]
  const body = moved(laid, MARGIN, top.height === 0 ? MARGIN : MARGIN + 34 + top.height + 22 + GAP)
  return {
    graph,
    width: Math.max(top.width + 44, laid.width) + 2 * MARGIN,
    height: (top.height === 0 ? 0 : 34 + top.height + 22 + GAP) + laid.height + 2 * MARGIN,
    placed: [...placed, ...body.placed],
    routes: body.routes,
    host: hostFrame(placed),
    groups: body.groups,
  }
}

/** Outside and the uplinks beside each other. */
function strip(boxes: Box[]): Block {
  let x = 0
  const placed = boxes.map(box => {
    const place = { box, x, y: 0 }
    x += box.width + (box.node.kind === 'outside' ? 3 * GAP : GAP)
    return place
  })
  const height = Math.max(0, ...boxes.map(box => box.height))
  return { width: Math.max(0, x - GAP), height, placed, routes: [], groups: [] }
}

function membersOf({ edges }: Graph): Map<string, string[]> {
  const down = edges.filter(edge => !isDirect(edge))
  return new Map([...groupBy(down, ({ from }) => from)].map(([id, own]) => [id, own.map(({ to }) => to)]))
}

/** What carries a subnet, and below it its namespaces, in as many columns as make it no taller than wide. */
function group(head: Box, members: Box[]): Block {
  const [{ width = 0, height = 0 } = {}] = members
  const columns = Math.max(
    1,
    Math.ceil(Math.sqrt((members.length * (height + INNER)) / (width + INNER || 1))),
  )
  const inner = Math.max(head.width, columns * (width + INNER) - INNER)
  const placed: PlacedBox[] = [{ box: { ...head, width: inner }, x: INNER, y: INNER }]
  let y = INNER + head.height + INNER
  for (let i = 0; i < members.length; i += columns) {
    const line = members.slice(i, i + columns)
    const wide = columns === 1 ? inner : width
    line.forEach((box, j) => {
      placed.push({ box: { ...box, width: wide }, x: INNER + j * (width + INNER), y })
    })
    y += Math.max(...line.map(box => box.height)) + INNER
  }
  const frame = { x: 0, y: 0, width: inner + 2 * INNER, height: y }
  return { ...frame, placed, routes: [], groups: [frame] }
}

async function drawn({ nodes, edges, ...graph }: Graph, joined: Set<string>): Promise<Block> {
  const part = {
    ...graph,
    nodes: nodes.filter(({ id }) => joined.has(id)),
    edges: edges.filter(isDirect),
  }
  const { width, height, placed, routes } = await layered(part)
  return { width, height, placed, routes, groups: [] }
}

/** Blocks in rows, as wide as makes the whole fill a screen. */
function shelves(blocks: Block[]): Block {
  const area = blocks.reduce((sum, { width, height }) => sum + (width + GAP) * (height + GAP), 0)
  const limit = Math.max(Math.sqrt(area * ASPECT), ...blocks.map(({ width }) => width))
  const all: Block = { width: 0, height: 0, placed: [], routes: [], groups: [] }
  let [x, y, tallest] = [0, 0, 0]
  for (const block of blocks) {
    if (x > 0 && x + block.width > limit) [x, y, tallest] = [0, y + tallest + GAP, 0]
    const { placed, routes, groups } = moved(block, x, y)
    all.placed.push(...placed)
    all.routes.push(...routes)
    all.groups.push(...groups)
    tallest = Math.max(tallest, block.height)
    all.width = Math.max(all.width, x + block.width)
    all.height = Math.max(all.height, y + block.height)
    x += block.width + GAP
  }
  return all
}

function moved({ placed, routes, groups, ...size }: Block, x: number, y: number): Block {
  const shift = <T extends { x: number; y: number }>(one: T): T => ({ ...one, x: one.x + x, y: one.y + y })
  return {
    ...size,
    placed: placed.map(shift),
    routes: routes.map(({ edge, points, labels }) => ({
      edge,
      points: points.map(shift),
      labels: labels.map(shift),
    })),
    groups: groups.map(shift),
  }
}
