import { type EdgeKind, type Graph, type GraphEdge, type GraphNode, isOnHost } from '../../graph/graph.ts'
import { escapeText } from '../../model/text/escape.ts'

/** For Graphviz: `nsctl graph web.yaml --format dot | dot -Tsvg`. */
export function renderDot(graph: Graph): string {
  const host = graph.nodes.filter(isOnHost)
  const lines = [
    `digraph ${quoted(graph.topology)} {`,
    '  rankdir=LR',
    '  ranksep=0.9',
    '  node [shape=box, style=rounded, fontname="monospace", fontsize=11]',
    '  edge [fontname="monospace", fontsize=10]',
    ...graph.nodes.filter(({ kind }) => kind === 'outside').map(node => `  ${box(node)}`),
    ...(host.length === 0
      ? []
      : [
          '  subgraph cluster_host {',
          `    label=${label(['host', ...graph.host, ...driftLines(graph.hostDrift)])}`,
          '    fontname="monospace"',
          '    style="rounded,dashed"',
          ...host.map(node => `    ${box(node)}`),
          '  }',
        ]),
    ...graph.nodes.filter(({ kind }) => kind === 'namespace').map(node => `  ${box(node)}`),
    ...graph.edges.map(edge => `  ${line(edge)}`),
    '}',
  ]
  return `${lines.join('\n')}\n`
}

const COLORS: Record<GraphNode['kind'], string> = {
  outside: '#6e7781',
  uplink: '#0969da',
  subnet: '#1a7f37',
  interface: '#1a7f37',
  namespace: '#8250df',
}

function box({ id, kind, name, caption, rows, drift }: GraphNode): string {
  const head = caption === '' || caption === 'namespace' ? name : `${caption} ${name}`
  const lines = rows.map(({ label: about, text }) => [about, text].filter(part => part !== '').join(' '))
  const drifted = drift.length > 0 ? ', style="rounded,dashed", penwidth=2' : ''
  const color = drift.length > 0 ? DRIFT : COLORS[kind]
  return `${quoted(id)} [label=${label([head, ...lines, ...driftLines(drift)])}, color=${quoted(color)}${drifted}]`
}

const DRIFT = '#cf222e'

const LINES: Record<EdgeKind, string[]> = {
  uplink: ['dir=none'],
  'way-out': ['dir=none', 'color="#6e7781"'],
  link: ['dir=none', 'penwidth=1.5'],
  forward: ['color="#bc4c00"'],
  allow: ['color="#8250df"', 'style=dashed', 'constraint=false'],
}

function line({ kind, from, to, labels, drift }: GraphEdge): string {
  const text = [...labels, ...driftLines(drift)]
  const attributes = [
    ...LINES[kind],
    ...(text.length === 0 ? [] : [`label=${label(text)}`]),
    ...(drift.length === 0 ? [] : [`fontcolor=${quoted(DRIFT)}`]),
  ]
  return `${quoted(from)} -> ${quoted(to)} [${attributes.join(', ')}]`
}

function driftLines(drift: string[]): string[] {
  return drift.length === 0 ? [] : [`drift: ${drift.length} to mend`]
}

/** Lines set to the left; `\l` ends each. */
function label(lines: string[]): string {
  const [only] = lines
  return lines.length === 1 && only !== undefined
    ? quoted(only)
    : `"${lines.map(text => `${escaped(text)}\\l`).join('')}"`
}

function quoted(text: string): string {
  return `"${escaped(text)}"`
}

/** Graphviz reads entities in labels, and a backslash as the beginning of an escape. */
function escaped(text: string): string {
  return escapeText(text).replaceAll('&', '&amp;').replaceAll('\\', '\\\\').replaceAll('"', '\\"')
}
