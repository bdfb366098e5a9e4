import { type EdgeKind, type Graph, type GraphEdge, type GraphNode, isOnHost } from '../../graph/graph.ts'
import { escapeText } from '../../model/text/escape.ts'

/** A flowchart that GitHub, GitLab and many wikis draw where it stands in a page; one line a thing, fit for a diff. */
export function renderMermaid(graph: Graph): string {
  const host = graph.nodes.filter(isOnHost)
  const lines = [
    '---',
    `title: ${JSON.stringify(escapeText(graph.topology))}`,
    '---',
    'flowchart LR',
    ...graph.nodes.filter(({ kind }) => kind === 'outside').map(node => `  ${shape(node)}`),
    ...(host.length === 0
      ? []
      : [
          `  subgraph host["${label(['host', ...graph.host, ...driftLines(graph.hostDrift)])}"]`,
          ...host.map(node => `    ${shape(node)}`),
          '  end',
        ]),
    ...graph.nodes.filter(({ kind }) => kind === 'namespace').map(node => `  ${shape(node)}`),
    ...graph.edges.map(edge => `  ${arrow(edge)}`),
    ...classes(graph),
  ]
  return `${lines.join('\n')}\n`
}

const SHAPES: Record<GraphNode['kind'], [string, string]> = {
  outside: ['([', '])'],
  uplink: ['{{', '}}'],
  subnet: ['[', ']'],
  interface: ['[', ']'],
  namespace: ['[', ']'],
}

function shape(node: GraphNode): string {
  const [open, close] = SHAPES[node.kind]
  const rows = node.rows.map(({ label: about, text }) => [about, text].filter(part => part !== '').join(' '))
  const caption = node.kind === 'namespace' && node.caption === 'namespace' ? '' : node.caption
  const head = caption === '' ? node.name : `${caption} ${node.name}`
  return `${identifier(node.id)}${open}"${label([head, ...rows, ...driftLines(node.drift)])}"${close}:::${node.drift.length > 0 ? 'drift' : node.kind}`
}

const ARROWS: Record<EdgeKind, string> = {
  uplink: '---',
  'way-out': '---',
  link: '---',
  forward: '==>',
  allow: '-.->',
}

function arrow({ kind, from, to, labels, drift }: GraphEdge): string {
  const text = [...labels, ...driftLines(drift)]
  const middle = text.length === 0 ? '' : `|"${label(text)}"|`
  return `${identifier(from)} ${ARROWS[kind]}${middle} ${identifier(to)}`
}

function driftLines(drift: string[]): string[] {
  return drift.length === 0 ? [] : [`drift: ${drift.length} to mend`]
}

/** Letters, digits and `_` only, so that no name is a word of the language; different for different ids. */
function identifier(id: string): string {
  const [kind = '', ...name] = id.split('/')
  const coded = name
    .join('/')
    .replace(/[^A-Za-z0-9]/g, character => `_${character.charCodeAt(0).toString(16)}_`)
  return coded === '' ? kind : `${kind}__${coded}`
}

/** Text between double quotes: what the language or HTML would read as more than text is an entity. */
function label(lines: string[]): string {
  return lines
    .map(line =>
      escapeText(line).replace(
        /[^A-Za-z0-9 .,:/()\u2191\u2193\u2192\u2264\xb1_+=-]/gu,
        found => `#${found.codePointAt(0)};`,
      ),
    )
    .join('<br/>')
}

/** Strokes only: fills and text stay those of the page's theme, light or dark. */
const STROKES: Record<string, string> = {
  outside: 'stroke:#6e7781,stroke-dasharray:4 3',
  uplink: 'stroke:#0969da,stroke-width:2px',
  subnet: 'stroke:#1a7f37',
  interface: 'stroke:#1a7f37',
  namespace: 'stroke:#8250df,stroke-width:2px',
  drift: 'stroke:#cf222e,stroke-width:3px,stroke-dasharray:6 3',
}

function classes({ nodes }: Graph): string[] {
  const used = new Set(nodes.map(({ kind, drift }) => (drift.length > 0 ? 'drift' : kind)))
  return Object.entries(STROKES)
    .filter(([name]) => used.has(name as GraphNode['kind'] | 'drift'))
    .map(([name, style]) => `  classDef ${name} ${style}`)
}
