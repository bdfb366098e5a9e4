import type { Colors } from 'picocolors/types'
import type { Result } from '../doctor/all.ts'
import { escapeText } from '../model/text/escape.ts'
import { counted } from '../model/text/phrases.ts'
import { renderJson } from './json.ts'

const SYMBOLS: Record<Result['state'], string> = { ok: '✓', note: 'i', problem: '✗', unseen: '?' }

/** One line a check, below it what was found: consequence and remedy. */
export function renderDoctor(results: Result[], blind: string | null, colors: Colors): string {
  const width = Math.max(...results.map(({ check }) => check.length))
  const paint = { ok: colors.green, note: colors.cyan, problem: colors.red, unseen: colors.dim }
  const lines = results.flatMap(({ check, state, summary, findings }) => [
    `${paint[state](SYMBOLS[state])} ${check.padEnd(width)}  ${escapeText(summary)}`,
    ...findings.flatMap(finding => [
      `    ${paint[finding.severity](finding.severity)}[${finding.code}]: ${escapeText(finding.summary)}`,
      `        = ${escapeText(finding.consequence)}`,
      `        = ${escapeText(finding.remedy)}`,
    ]),
  ])
  return `${[...lines, '', ending(results, blind)].join('\n')}\n`
}

function ending(results: Result[], blind: string | null): string {
  const findings = results.flatMap(result => result.findings)
  const all = (severity: string) =>
    counted(findings.filter(finding => finding.severity === severity).length, severity)
  const unseen = results.filter(({ state }) => state === 'unseen').length
  const rest = unseen === 0 ? '' : `; ${unseen} not seen${blind === null ? '' : `: ${escapeText(blind)}`}`
  return `${all('problem')}, ${all('note')}${rest}`
}

export function doctorJson(results: Result[], blind: string | null): string {
  return renderJson({ formatVersion: '1.0', checks: results, unseen: blind })
}
