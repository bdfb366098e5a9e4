import type { Graph, GraphNode } from '../../graph/graph.ts'
import { escapeText } from '../../model/text/escape.ts'
import { SIZES, widthOf } from './boxes.ts'
import type { DrawnLine, Frame, Layout, PlacedBox, Point } from './layout.ts'
import { styleSheet } from './palette.ts'

const HEAD = 58
const FOOT = 40

/** A picture that stands by itself: its colours follow the reader's light or dark scheme, its fonts are the reader's. */
export function renderSvg(layout: Layout): string {
  const { graph } = layout
  const width = Math.ceil(Math.max(layout.width, 420))
  const height = Math.ceil(layout.height + HEAD + FOOT)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${attribute(`${graph.topology}: ${graph.summary}`)}">`,
    `<style>${styleSheet()}</style>`,
    `<rect class="paper" width="${width}" height="${height}" rx="12"/>`,
    `<text class="title" x="24" y="34">${content(graph.topology)}<tspan class="caption" dx="12">${content(graph.summary)}</tspan></text>`,
    `<g transform="translate(0 ${HEAD - 14})">`,
    drawing(layout),
    '</g>',
    legend(layout, height - 16),
    '</svg>',
    '',
  ].join('\n')
}

/** What is drawn, without a frame around it; interactive: every box can be reached by the keyboard. */
export function drawing({ graph, placed, routes, host, groups }: Layout, interactive = false): string {
  return [
    ...(host ? [hostFrame(host, graph, interactive)] : []),
    ...groups.map(groupFrame),
    ...routes.map(route),
    ...placed.map(one => node(one, interactive)),
    ...routes.flatMap(({ edge, labels }) =>
      labels.map(
        ({ text, x, y }) =>
          `<text class="edge label ${edge.kind}" data-from="${attribute(edge.from)}" data-to="${attribute(edge.to)}" x="${number(x)}" y="${number(y + SIZES.caption)}">${content(text)}</text>`,
      ),
    ),
  ].join('\n')
}

function hostFrame({ x, y, width, height }: Frame, { host, hostDrift }: Graph, interactive: boolean): string {
  const notes = host.length === 0 ? '' : `<tspan class="caption" dx="8">${content(host.join(', '))}</tspan>`
  const drift = hostDrift.length === 0 ? '' : badge(x + 16, y, hostDrift.length)
  const told = [...host, ...hostDrift]
  const reach = interactive && told.length > 0 ? focusable(['host', ...told].join(', ')) : ''
  return `<g class="host${hostDrift.length > 0 ? ' drift' : ''}${reach === '' ? '' : ' node'}" data-id="host"${reach}><rect x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}" rx="12"/><text class="caption" x="${number(x + 14)}" y="${number(y + 19)}">host${notes}</text>${drift}</g>`
}

function groupFrame({ x, y, width, height }: Frame): string {
  return `<rect class="group" x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}" rx="12"/>`
}

function node({ box, x, y }: PlacedBox, interactive: boolean): string {
  const { node: one, width, height, rows, column, name } = box
  const texts = rows.map(
    ({ y: baseline, label, text, kind }) =>
      `${label === '' ? '' : `<text class="about" x="14" y="${baseline}">${content(label)}</text>`}<text class="row ${kind}" x="${number(column)}" y="${baseline}">${content(text)}</text>`,
  )
  const caption =
    one.caption === ''
      ? ''
      : `<text class="caption" text-anchor="end" x="${width - 12}" y="20.5">${content(one.caption)}</text>`
  return [
    `<g class="node ${one.kind}${one.drift.length > 0 ? ' drift' : ''}" data-id="${attribute(one.id)}" transform="translate(${number(x)} ${number(y)})"${interactive ? focusable(spoken(one)) : ''}>`,
    interactive ? '' : tooltip(one),
    `<rect class="card" width="${width}" height="${height}" rx="8"/>`,
    `<path class="bar" d="M3.5 ${one.kind === 'outside' ? 0 : 8}V${height - 8}"/>`,
    `<text class="name" x="14" y="21">${content(name)}</text>${caption}`,
    ...texts,
    one.drift.length === 0 ? '' : badge(width - 4, 2, one.drift.length),
    '</g>',
  ].join('')
}

/** What an SVG by itself can tell to who points at a box. */
function tooltip({ name, details, drift }: GraphNode): string {
  const lines = [name, ...details, ...drift]
  return lines.length === 1 ? '' : `<title>${content(lines.join('\n'))}</title>`
}

function focusable(label: string): string {
  return ` tabindex="0" role="img" aria-label="${attribute(label)}"`
}

/** A box as it is read aloud. */
function spoken({ kind, name, rows, drift }: GraphNode): string {
  const told = rows.map(({ label, text }) => `${label} ${text}`.trim())
  const state = drift.length === 0 ? [] : [`differs from the file: ${drift.length} to mend`]
  return [kind === name ? name : `${kind} ${name}`, ...told, ...state].join(', ')
}

function badge(x: number, y: number, count: number): string {
  return `<g class="badge" transform="translate(${number(x)} ${number(y)})"><circle r="9"/><text y="3.6" text-anchor="middle">${count}</text></g>`
}

function route({ edge, points }: DrawnLine): string {
  const arrow = edge.kind === 'forward' || edge.kind === 'allow' ? arrowHead(points) : ''
  return `<g class="edge ${edge.kind}${edge.drift.length > 0 ? ' drift' : ''}" data-id="${attribute(edge.id)}" data-from="${attribute(edge.from)}" data-to="${attribute(edge.to)}"><path d="${rounded(points)}"/>${arrow}</g>`
}

/** The path with its corners rounded. */
function rounded(points: Point[]): string {
  return points
    .map((point, i) => {
      const [before, after] = [points[i - 1], points[i + 1]]
      if (!before) return `M${at(point)}`
      if (!after) return `L${at(point)}`
      const radius = Math.min(8, distance(before, point) / 2, distance(point, after) / 2)
      return `L${at(towards(point, before, radius))}Q${at(point)} ${at(towards(point, after, radius))}`
    })
    .join('')
}

function arrowHead(points: Point[]): string {
  const end = points.at(-1)
  const before = points.at(-2)
  if (!end || !before) return ''
  const angle = Math.round((Math.atan2(end.y - before.y, end.x - before.x) * 180) / Math.PI)
  return `<path class="head" d="M0 0L-8 -4V4Z" transform="translate(${at(end)}) rotate(${angle})"/>`
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}

function towards(from: Point, to: Point, length: number): Point {
  const ratio = length / (distance(from, to) || 1)
  return { x: from.x + (to.x - from.x) * ratio, y: from.y + (to.y - from.y) * ratio }
}

const MEANINGS = [
  ['link', 'veth pair'],
  ['way-out', 'way out'],
  ['forward', 'published port'],
  ['allow', 'allowed path'],
] as const

/** What the lines mean, of those there are: the class of each, and its meaning. */
export function legendEntries({ graph, routes }: Layout): (readonly [string, string])[] {
  const kinds = new Set(routes.map(({ edge }) => edge.kind))
  const drifted = graph.nodes.some(({ drift }) => drift.length > 0)
  return [
    ...MEANINGS.filter(([kind]) => kinds.has(kind)),
    ...(drifted ? [['drifted', 'differs from the file'] as const] : []),
  ]
}

function legend(layout: Layout, y: number): string {
  let x = 24
  return legendEntries(layout)
    .map(([kind, text]) => {
      const entry = `<g class="edge ${kind}"><path d="M${x} ${y - 4}h26"/></g><text class="caption" x="${x + 34}" y="${y}">${text}</text>`
      x += 34 + widthOf(text, SIZES.caption) + 24
      return entry
    })
    .join('\n')
}

function at({ x, y }: Point): string {
  return `${number(x)} ${number(y)}`
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10)
}

/** Text as the content of an element. XML has no way to write a control character: they are escaped before. */
export function content(text: string): string {
  return text
    .split('\n')
    .map(escapeText)
    .join('\n')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}

export function attribute(text: string): string {
  return content(text).replaceAll('"', '&quot;').replaceAll("'", '&#39;')
}
