import { createColors } from 'picocolors'
import type { Plan } from '../../model/plan/plan.ts'
import { renderFindings } from './findings.ts'
import { renderPlan, renderSummary } from './plan.ts'

/** What a comment on GitHub can hold is 65,536 characters. */
const MOST = 60_000

const PLAIN = createColors(false)

/** A plan as a comment on a pull request: one line that counts, what stands in the way, and the plan to unfold. */
export function renderPlanMarkdown(plan: Plan, refused: boolean): string {
  const findings = plan.findings.filter(({ accepted }) => !accepted)
  const parts = [
    `### nsctl: ${plan.topology}`,
    refused ? '**Refused: the host stands in the way.**' : `**${countsOf(plan)}**`,
    ...(findings.length > 0 ? [fenced('text', renderFindings(findings, PLAIN).trimEnd().split('\n'))] : []),
    ...(refused || plan.changes.length === 0 ? [] : [unfolding(plan)]),
  ]
  return `${parts.join('\n\n')}\n`
}

function countsOf({ changes, summary, upToDate }: Plan): string {
  return changes.length === 0 ? `No changes. ${upToDate}` : renderSummary(summary)
}

function unfolding(plan: Plan): string {
  const lines = renderPlan(plan, PLAIN).trimEnd().split('\n').map(marked)
  return `<details><summary>Show the plan</summary>\n\n${fenced('diff', lines)}\n\n</details>`
}

/** The sign of a change goes first, where a diff has its own; what is neither new nor gone is `!`, which is coloured too. */
function marked(line: string): string {
  const [, indent, sign, rest] = /^( *)([+~\xb1-]) (.*)$/.exec(line) ?? []
  if (indent === undefined || sign === undefined || rest === undefined) return line === '' ? '' : ` ${line}`
  return sign === '+' || sign === '-' ? `${sign}${indent} ${rest}` : `!${indent}${sign} ${rest}`
}

/** No line of what is shown can end the block: the fence is longer than any run of its characters in there. */
function fenced(language: string, lines: string[]): string {
  const runs = lines.flatMap(line => line.match(/`+/g) ?? []).map(run => run.length)
  const fence = '`'.repeat(Math.max(3, ...runs.map(length => length + 1)))
  return [`${fence}${language}`, ...shortened(lines), fence].join('\n')
}

function shortened(lines: string[]): string[] {
  let length = 0
  const end = lines.findIndex(line => {
    length += line.length + 1
    return length > MOST
  })
  return end < 0 ? lines : [...lines.slice(0, end), ` … ${lines.length - end} more lines`]
}
