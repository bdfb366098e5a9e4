import type { ElkNode, ElkPort } from 'elkjs/lib/elk.bundled.js'
import { isDirect } from '../../graph/condensed.ts'
import type { Graph, GraphEdge } from '../../graph/graph.ts'
import { aligned, type Box, boxOf, SIZES, widthOf } from './boxes.ts'
import { FRAME, FRAME_TITLE, hostFrame, type Layout, MARGIN } from './layout.ts'
import { portOf } from './ports.ts'

/** Everything with lines between, from left to right: outside, uplinks, what carries the subnets on the host, namespaces. */
export async function layered(graph: Graph): Promise<Layout> {
  const boxes = aligned(inOrder(graph).map(boxOf))
  const { default: Elk } = await import('elkjs/lib/elk.bundled.js')
  const laid = await new Elk().layout(problem(boxes, graph))
  const places = new Map(laid.children?.map(child => [child.id, child]))
  const placed = boxes.map(box => {
    const { x = 0, y = 0 } = places.get(box.node.id) ?? {}
    return { box, x: x + MARGIN, y: y + MARGIN }
  })
  const byId = new Map(graph.edges.map(edge => [edge.id, edge]))
  const routes = (laid.edges ?? []).flatMap(({ id, sections = [], labels = [] }) => {
    const edge = byId.get(id)
    const [section] = sections
    if (!edge || !section) return []
    const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint]
    return [
      {
        edge,
        points: points.map(({ x, y }) => ({ x: x + MARGIN, y: y + MARGIN })),
        labels: labels.map(({ text = '', x = 0, y = 0 }) => ({ text, x: x + MARGIN, y: y + MARGIN })),
      },
    ]
  })
  return {
    graph,
    width: (laid.width ?? 0) + 2 * MARGIN,
    height: (laid.height ?? 0) + 2 * MARGIN,
    placed,
    routes,
    host: hostFrame(placed),
    groups: [],
  }
}

/** As in the file, but the namespaces of a subnet beside each other: the layout keeps this order. */
function inOrder({ nodes, edges }: Graph): Graph['nodes'] {
  const rank = new Map(nodes.map(({ id }, i) => [id, i]))
  const homes = new Map<string, number>()
  for (const { kind, from, to } of edges) {
    if (kind === 'link' && !homes.has(to)) homes.set(to, rank.get(from) ?? 0)
  }
  const columns = (id: string) => homes.get(id) ?? 0
  return nodes.toSorted((a, b) =>
    a.kind === 'namespace' && b.kind === 'namespace' ? columns(a.id) - columns(b.id) : 0,
  )
}

function problem(boxes: Box[], { edges }: Graph): ElkNode {
  const direct = new Set(edges.filter(isDirect).flatMap(({ from, to }) => [from, to]))
  const { ports, endOf } = portsOf(boxes, edges, direct)
  return {
    id: 'root',
    layoutOptions: { ...OPTIONS, ...(direct.size > WRAPPED ? WRAPPING : {}) },
    children: boxes.map(box => ({
      id: box.node.id,
      width: box.width,
      height: box.height,
      ports: ports.get(box.node.id) ?? [],
      layoutOptions: {
        'elk.partitioning.partition': String(PARTITIONS[box.node.kind]),
        'elk.portConstraints': direct.has(box.node.id) ? 'FREE' : 'FIXED_POS',
      },
    })),
    edges: edges.map(edge => ({
      id: edge.id,
      sources: [endOf(edge, 'from')],
      targets: [endOf(edge, 'to')],
      labels: labelsOf(edge).map((text, i) => ({
        id: `${edge.id}/${i}`,
        text,
        width: widthOf(text, SIZES.caption),
        height: SIZES.caption + 4,
      })),
    })),
  }
}

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.partitioning.activate': 'true',
  'elk.layered.spacing.nodeNodeBetweenLayers': '72',
  'elk.spacing.nodeNode': '26',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '12',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.considerModelOrder.strategy': 'PREFER_NODES',
  'elk.layered.crossingMinimization.forceNodeModelOrder': 'true',
  'elk.padding': `[top=${FRAME_TITLE},left=0,bottom=${FRAME},right=0]`,
}

/** Long chains and rings of namespaces go on in a further row. */
const WRAPPING = {
  'elk.layered.wrapping.strategy': 'MULTI_EDGE',
  'elk.aspectRatio': '1.6',
  'elk.partitioning.activate': 'false',
  'elk.layered.crossingMinimization.forceNodeModelOrder': 'false',
}
const WRAPPED = 8

const PARTITIONS = { outside: 0, uplink: 1, subnet: 2, interface: 2, namespace: 3 } as const

/** Where lines meet the boxes; those of namespaces that are joined to others may do so on any side. */
function portsOf(boxes: Box[], edges: GraphEdge[], free: Set<string>) {
  const byId = new Map(boxes.map(box => [box.node.id, box]))
  const ports = new Map<string, ElkPort[]>()
  const endOf = (edge: GraphEdge, side: 'from' | 'to') => {
    const box = byId.get(edge[side])
    return !box || free.has(edge[side]) ? edge[side] : portOf(edge, box, side).id
  }
  for (const edge of edges) {
    for (const side of ['from', 'to'] as const) {
      const box = byId.get(edge[side])
      if (!box || free.has(edge[side])) continue
      const { id, x, y } = portOf(edge, box, side)
      const known = ports.get(box.node.id) ?? []
      if (known.some(port => port.id === id)) continue
      const layoutOptions = { 'elk.port.side': side === 'from' ? 'EAST' : 'WEST' }
      ports.set(box.node.id, [...known, { id, x, y, width: 0, height: 0, layoutOptions }])
    }
  }
  return { ports, endOf }
}

/** Published ports are rows of their namespace already. */
function labelsOf({ kind, labels }: GraphEdge): string[] {
  return kind === 'forward' ? [] : labels
}
