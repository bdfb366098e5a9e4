import type { Colors } from 'picocolors/types'
import type { Finding } from '../../model/plan/plan.ts'
import { escapeText } from '../../model/text/escape.ts'

/** Findings like the diagnostics of a file: place, severity, code, what it is, and the ways out. */
export function renderFindings(findings: Finding[], colors: Colors): string {
  return findings
    .map(({ severity, code, summary, notes, source }) => {
      const paint = severity === 'error' ? colors.red : colors.yellow
      const place = source ? `${escapeText(source.file)}:${source.line}:${source.column}: ` : ''
      const lines = [`${place}${paint(`${severity}[${code}]`)}: ${escapeText(summary)}`]
      return [...lines, ...notes.map(note => `      = ${escapeText(note)}`)].map(line => `${line}\n`).join('')
    })
    .join('')
}
