import { createHash } from 'node:crypto'
import { type Graph, type GraphNode, isOnHost } from '../../graph/graph.ts'
import { escapeJson, escapeText } from '../../model/text/escape.ts'
import type { Layout } from './layout.ts'
import script from './page.browser.js'
import pageStyle from './page.css'
import { styleSheet } from './palette.ts'
import { attribute, content, drawing, legendEntries } from './svg.ts'

/**
 * One page that needs nothing but itself. Its policy lets in the two styles and the script below, by their hashes, and
 * nothing else: whatever a name or a path held, it could not run, nor call home.
 */
export function renderHtml(graph: Graph, layout: Layout): string {
  const style = `${styleSheet()}${pageStyle}`
  const policy = `default-src 'none'; style-src '${hashOf(style)}'; script-src '${hashOf(script)}'; base-uri 'none'; form-action 'none'`
  const title = content(graph.topology)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – nsctl</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p>${content(graph.summary)}</p>
${state(graph)}<form role="search">
<input type="search" aria-label="Search names, addresses and ports" placeholder="Search  /" autocomplete="off" spellcheck="false">
<output aria-live="polite"></output>
<button type="button" data-act="out" aria-label="Zoom out">−</button>
<button type="button" data-act="in" aria-label="Zoom in">+</button>
<button type="button" data-act="fit">Fit</button>
</form>
</header>
<main>
<svg role="group" aria-label="${attribute(`${graph.topology}: ${graph.summary}`)}" data-width="${Math.ceil(layout.width)}" data-height="${Math.ceil(layout.height)}"><g class="world">
${drawing(layout, true)}
</g></svg>
<aside aria-live="polite" hidden></aside>
</main>
<footer>${legendOf(layout)}<span class="keys"><kbd>/</kbd> search <kbd>Tab</kbd> next box <kbd>+</kbd> <kbd>−</kbd> <kbd>0</kbd> zoom <kbd>Esc</kbd> clear</span></footer>
<script type="application/json" id="things">${inScript(JSON.stringify(thingsOf(graph)))}</script>
<script>${script}</script>
</body>
</html>
`
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

function state({ live, nodes, edges, hostDrift }: Graph): string {
  if (!live) return ''
  const count = hostDrift.length + nodes.reduce((sum, { drift }) => sum + drift.length, 0)
  const drifted = count > 0 || edges.some(({ drift }) => drift.length > 0)
  return drifted
    ? `<p class="drifted">differs from the file: ${count} to mend</p>\n`
    : '<p>as on the live host</p>\n'
}

function legendOf(layout: Layout): string {
  return legendEntries(layout)
    .map(
      ([kind, text]) =>
        `<span><svg viewBox="0 0 28 8" aria-hidden="true"><g class="edge ${kind}"><path d="M1 4h26"/></g></svg>${text}</span>`,
    )
    .join('')
}

interface Thing {
  id: string
  name: string
  caption: string
  /** Title, lines, and the class of the list. */
  sections: [string, string[], string][]
  /** What it is joined to. */
  near: string[]
  /** What a search looks through. */
  text: string
}

/** What the page tells of each node. */
function thingsOf({ nodes, edges, host, hostDrift }: Graph): Thing[] {
  const near = new Map<string, Set<string>>()
  const told = new Map<string, string[]>()
  for (const { from, to, kind, details } of edges) {
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      near.set(one, (near.get(one) ?? new Set()).add(other))
      if (kind === 'allow') told.set(one, [...(told.get(one) ?? []), ...details])
    }
  }
  const own = nodes.filter(isOnHost).map(({ id }) => id)
  return [
    thingOf('host', 'host', '', [driftSection(hostDrift), ['Settings', host, '']], own),
    ...nodes.map(node =>
      thingOf(node.id, node.name, node.caption, sectionsOf(node, told.get(node.id) ?? []), [
        ...(near.get(node.id) ?? []),
      ]),
    ),
  ]
}

function thingOf(id: string, name: string, caption: string, all: Thing['sections'], near: string[]): Thing {
  const sections = all
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines, style]): Thing['sections'][number] => [title, lines.map(escapeText), style])
  const lines = sections.flatMap(([, some]) => some)
  const text = [escapeText(name), escapeText(caption), ...lines].join('\n').toLowerCase()
  return { id, name: escapeText(name), caption: escapeText(caption), sections, near, text }
}

const driftSection = (lines: string[]): Thing['sections'][number] => [
  'Differs from the file; this would mend it',
  lines,
  'drift',
]

function sectionsOf({ rows, details, drift, source }: GraphNode, paths: string[]): Thing['sections'] {
  const linesOf = (kinds: string[]) =>
    rows.filter(({ kind }) => kinds.includes(kind)).map(({ label, text }) => `${label} ${text}`.trim())
  return [
    driftSection(drift),
    ['Addresses', linesOf(['address', 'rate', 'note']), ''],
    ['Published on the host', linesOf(['forward']), ''],
    ['Direct paths', paths, ''],
    ['Traffic', linesOf(['traffic']), ''],
    ['More', details, ''],
    ['Written in', source ? [`${source.file}:${source.line}`] : [], ''],
  ]
}

/** JSON that no parser of HTML takes for the end of the script it stands in. */
function inScript(json: string): string {
  return escapeJson(json).replaceAll('<', '\\u003c')
}
