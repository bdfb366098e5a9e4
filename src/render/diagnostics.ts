import type { Colors } from 'picocolors/types'
import { type Diagnostic, LONG_LINE } from '../model/diagnostic.ts'
import { escapeText } from '../model/text/escape.ts'
import { renderJson } from './json.ts'

export type DiagnosticFormat = 'text' | 'json' | 'github'

/** Columns of a source line that are shown; more scrolls the caret out of sight. */
const WINDOW = 100

/** Renders diagnostics for a reader, for a program, or for the annotations of a GitHub workflow. */
export function renderDiagnostics(
  diagnostics: Diagnostic[],
  format: DiagnosticFormat,
  colors?: Colors,
): string {
  if (format === 'json') return renderAll(diagnostics)
  if (format === 'github') return diagnostics.map(renderCommand).join('')
  return diagnostics.map(diagnostic => renderExcerpt(diagnostic, colors)).join('\n')
}

function renderExcerpt(diagnostic: Diagnostic, colors: Colors | undefined): string {
  const { severity, code, summary, source, notes } = diagnostic
  const plain = (text: string) => text
  const loud = (severity === 'error' ? colors?.red : colors?.yellow) ?? plain
  const bold = colors?.bold ?? plain
  const dim = colors?.dim ?? plain
  const { text, before, width } = excerpt(diagnostic)
  const number = String(source.line).padStart(5)
  const margin = ' '.repeat(number.length + 1)
  return [
    `${bold(`${escapeText(source.file)}:${source.line}:${source.column}:`)} ${loud(`${severity}[${code}]`)}: ${bold(summary)}`,
    `${dim(`${number} |`)} ${text}`.trimEnd(),
    `${margin}${dim('|')} ${' '.repeat(before)}${loud('^'.repeat(width))}`,
    ...notes.map(note => `${margin}${dim('=')} ${escapeText(note)}`),
    '',
  ].join('\n')
}

/** The part of the source line around the caret, escaped, with the caret's place in what is left. */
function excerpt({ line, source }: Diagnostic): { text: string; before: number; width: number } {
  const characters = line.length > LONG_LINE ? line : [...line]
  const caret = source.column - 1
  const fits = characters.length <= WINDOW
  const start = fits ? 0 : Math.max(0, Math.min(caret - WINDOW / 4, characters.length - WINDOW))
  const end = fits ? characters.length : start + WINDOW
  const lead = start > 0 ? '… ' : ''
  const trail = end < characters.length ? ' …' : ''
  const part = (from: number, to: number) => escapeText([...characters.slice(from, to)].join(''))
  const before = lead + part(start, caret)
  const marked = part(caret, Math.min(caret + source.length, end))
  return {
    text: before + marked + part(Math.min(caret + source.length, end), end) + trail,
    before: [...before].length,
    width: Math.max(1, [...marked].length),
  }
}

function renderAll(diagnostics: Diagnostic[]): string {
  const entries = diagnostics.map(({ code, severity, summary, source, notes }) => ({
    code,
    severity,
    summary,
    source: { file: source.file, line: source.line, column: source.column, length: source.length },
    notes,
  }))
  return renderJson({ formatVersion: '1.0', diagnostics: entries })
}

/** A workflow command: one line, with GitHub's own escapes. */
function renderCommand({ severity, code, summary, source, notes }: Diagnostic): string {
  const properties = `file=${property(source.file)},line=${source.line},col=${source.column},title=${property(code)}`
  const message = [summary, ...notes].map(escapeText).join('\n')
  return `::${severity} ${properties}::${data(message)}\n`
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(escapeText(text)).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
