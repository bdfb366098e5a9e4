import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { graphOf } from '../../../src/graph/from-topology.ts'
import { isOnHost } from '../../../src/graph/graph.ts'
import { renderHtml } from '../../../src/render/graph/html.ts'
import type { Layout } from '../../../src/render/graph/layout.ts'
import { renderMermaid } from '../../../src/render/graph/mermaid.ts'
import { layOut } from '../../../src/render/graph/picture.ts'
import { renderSvg } from '../../../src/render/graph/svg.ts'
import { drawn, example, segments } from '../graph/drawn.ts'
import { HOSTILE, PICTURES } from '../graph/pictures.ts'

describe.each(PICTURES)('laid out: %s', (_, graph) => {
  const layout = layOut(graph)

  test('nothing lies on anything else, or outside of the picture', async () => {
    const { placed, width, height, groups } = await layout
    expect(placed.map(({ box }) => box.node.id).toSorted()).toEqual(
      graph.nodes.map(({ id }) => id).toSorted(),
    )
    const frames = placed.map(({ x, y, box }) => ({ x, y, width: box.width, height: box.height }))
    expect(frames.filter((one, i) => frames.some((other, j) => i < j && overlap(one, other)))).toEqual([])
    expect(groups.filter((one, i) => groups.some((other, j) => i < j && overlap(one, other)))).toEqual([])
    for (const { x, y, width: w, height: h } of [...frames, ...groups]) {
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0)
      expect(x + w).toBeLessThanOrEqual(width)
      expect(y + h).toBeLessThanOrEqual(height)
    }
  })

  test('lines go from box to box and around the others; what lies on the host lies in its frame', async () => {
    const { placed, routes, host } = await layout
    const byId = new Map(placed.map(one => [one.box.node.id, one]))
    for (const { edge, points } of routes) {
      expect(touches(byId.get(edge.from), points[0])).toBe(true)
      expect(touches(byId.get(edge.to), points.at(-1))).toBe(true)
      expect(crossed(points, placed, [edge.from, edge.to]), edge.id).toEqual([])
    }
    for (const { box, x, y } of placed.filter(one => isOnHost(one.box.node))) {
      if (host === null || box.node.kind !== 'uplink') continue
      expect(x).toBeGreaterThanOrEqual(host.x)
      expect(y + box.height).toBeLessThanOrEqual(host.y + host.height)
    }
  })
})

test('a thousand namespaces become a picture that is no strip', async () => {
  const { width, height, placed } = await layOut(drawn(segments(1000)))
  expect(placed).toHaveLength(1000 + 100 + 3)
  expect(width / height).toBeGreaterThan(0.5)
  expect(width / height).toBeLessThan(4)
})

test('the picture in the documentation is what is drawn now', async () => {
  const svg = renderSvg(await layOut(graphOf(example('flask.yaml'))))
  await expect(svg).toMatchFileSnapshot(fileURLToPath(new URL('../../../docs/flask.svg', import.meta.url)))
})

describe('text in a picture is text, whatever it is', () => {
  test('Mermaid: entities for what ends a label, and identifiers of its own', () => {
    const text = renderMermaid(HOSTILE)
    const lines = text.split('\n').slice(4, -1)
    for (const line of lines) {
      expect(line).toMatch(/^ {2}(\w+\["[\w .,:/()↑↓→≤±+=#;<>-]*"\]:::\w+|classDef \w+ [\w:#,\- ]+)$/)
      expect(line.replaceAll('<br/>', '')).not.toMatch(/[<>]/)
    }
    const ids = lines.map(line => /^ {2}(namespace\w*)/.exec(line)?.[1]).filter(id => id !== undefined)
    expect(new Set(ids).size).toBe(HOSTILE.nodes.length)
  })

  test('SVG and HTML: no element, attribute or script but ours', async () => {
    const layout = await layOut(HOSTILE)
    for (const text of [renderSvg(layout), renderHtml(HOSTILE, layout)]) {
      expect(text).not.toMatch(/<img|<script>alert|onerror="|\u001b|\u202e/)
    }
    expect(renderHtml(HOSTILE, layout).match(/<\/script>/g)).toHaveLength(2)
  })
})

interface Rectangle {
  x: number
  y: number
  width: number
  height: number
}

function overlap(a: Rectangle, b: Rectangle): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

type Placed = Layout['placed'][number]
type Point = { x: number; y: number }

function touches(placed: Placed | undefined, point: Point | undefined): boolean {
  if (!placed || !point) return false
  const { x, y, box } = placed
  const near = (a: number, b: number) => Math.abs(a - b) < 1
  const inside = (a: number, from: number, length: number) => a > from - 1 && a < from + length + 1
  return (
    ((near(point.x, x) || near(point.x, x + box.width)) && inside(point.y, y, box.height)) ||
    ((near(point.y, y) || near(point.y, y + box.height)) && inside(point.x, x, box.width))
  )
}

/** Ids of boxes that a line runs through. */
function crossed(points: Point[], placed: Placed[], ends: string[]): string[] {
  const pieces = points.slice(1).map((to, i) => {
    const from = points[i] as Point
    const [x, y] = [Math.min(from.x, to.x), Math.min(from.y, to.y)]
    return { x, y, width: Math.abs(from.x - to.x) + 0.1, height: Math.abs(from.y - to.y) + 0.1 }
  })
  return placed
    .filter(({ box }) => !ends.includes(box.node.id))
    .filter(({ x, y, box }) =>
      pieces.some(piece =>
        overlap(piece, { x: x + 1, y: y + 1, width: box.width - 2, height: box.height - 2 }),
      ),
    )
    .map(({ box }) => box.node.id)
}
