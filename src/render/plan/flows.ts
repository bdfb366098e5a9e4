import { createColors } from 'picocolors'
import type { Colors } from 'picocolors/types'
import { type FlowChange, UNREACHABLE } from '../../explain/flows.ts'
import { escapeText } from '../../model/text/escape.ts'

const PLAIN = createColors(false)

/** What a plan changes for the flows of its topology, and how many stay as they are. */
export function renderFlows(flows: FlowChange[], colors: Colors): string {
  const changed = flows.filter(flow => flow.changed)
  const same = flows.length - changed.length
  const width = Math.min(48, Math.max(0, ...changed.map(({ label }) => label.length)))
  const lines = changed.map(({ label, before, after, why }) => {
    const paint = after === UNREACHABLE ? colors.red : colors.green
    const cause = after === UNREACHABLE && why.after !== null ? colors.dim(`   ${escapeText(why.after)}`) : ''
    return `  ${escapeText(label).padEnd(width)}  ${escapeText(before)} -> ${paint(escapeText(after))}${cause}`
  })
  const rest = same === 0 ? [] : [colors.dim(`  ${same} of ${flows.length} as before`)]
  const none = flows.length === 0 ? ['  none is declared'] : []
  return [colors.bold('Flows'), ...lines, ...rest, ...none].map(line => `${line}\n`).join('')
}

/** Below commands for a shell. */
export function renderFlowsAsComments(flows: FlowChange[]): string {
  return renderFlows(flows, PLAIN).replace(/^/gm, '# ').replace(/# $/, '')
}

/** As a table below a plan's comment; what would end a cell or a line is escaped. */
export function renderFlowsMarkdown(flows: FlowChange[]): string {
  const rows = flows
    .filter(({ changed }) => changed)
    .map(({ label, before, after }) => `| ${[label, before, after].map(cell).join(' | ')} |\n`)
  if (rows.length === 0) return '\nNo flow changes.\n'
  return `\n| flow | before | after |\n| --- | --- | --- |\n${rows.join('')}`
}

function cell(text: string): string {
  return escapeText(text).replace(/[|\\`<>*_]/g, '\\$&')
}

/** The same for JSON: all of them, also those that stay as they are. */
export function flowsJson(flows: FlowChange[]) {
  return flows.map(({ label, before, after, why, changed, source }) => ({
    ...{ flow: label, before, after, changed },
    why: why.after ?? why.before,
    source: source && { file: source.file, line: source.line, column: source.column },
  }))
}
