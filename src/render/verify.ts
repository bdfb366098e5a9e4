import type { Colors } from 'picocolors/types'
import { type ExpectationResult, expectationKey } from '../model/plan/verification.ts'
import { escapeText } from '../model/text/escape.ts'
import { counted } from '../model/text/phrases.ts'
import { renderJson } from './json.ts'

export type VerifyFormat = 'text' | 'json' | 'junit'

/** A line for each expectation, with what to do about those that do not hold, and one that counts them. */
export function renderVerification(results: ExpectationResult[], colors: Colors): string {
  if (results.length === 0) return 'Nothing is expected: the file has no `expect`.\n'
  const width = Math.min(60, Math.max(...results.map(one => keyOf(one).length)))
  const lines = results.flatMap(result => {
    const { holds, what, ms, by, why, expectation } = result
    const { file, line } = expectation.source
    const took = by === 'packets' ? ` (${ms} ms)` : ''
    return [
      `${holds ? colors.green('holds') : colors.red(colors.bold('FAILS'))}  ${keyOf(result).padEnd(width)}  ${escapeText(what)}${took}${holds ? '' : colors.dim(`   ${escapeText(file)}:${line}`)}`,
      ...why.map(text => `         ${escapeText(text)}`),
    ]
  })
  const failing = results.filter(({ holds }) => !holds).length
  const total = counted(results.length, 'expectation')
  const last = failing === 0 ? `${total}: all hold.` : `${total}: ${failing} not as expected.`
  return [...lines, colors.bold(last)].map(line => `${line.trimEnd()}\n`).join('')
}

function keyOf({ expectation }: ExpectationResult): string {
  return escapeText(expectationKey(expectation))
}

export function verificationJson(topology: string, results: ExpectationResult[]): string {
  return renderJson({
    formatVersion: '1.0',
    topology,
    holds: results.every(({ holds }) => holds),
    expectations: results.map(({ expectation, holds, reached, by, what, ms, why }) => {
      const { protocol, from, to, reachable, source } = expectation
      return {
        ...{ protocol, from, to, reachable, holds, reached, by, what, ms, why },
        source: { file: source.file, line: source.line, column: source.column },
      }
    }),
  })
}

/** As CI systems read it: one test case for each expectation. */
export function verificationJunit(topology: string, results: ExpectationResult[]): string {
  const failures = results.filter(({ holds }) => !holds).length
  const seconds = (ms: number) => (ms / 1000).toFixed(3)
  const time = seconds(Math.max(0, ...results.map(({ ms }) => ms)))
  const counts = `tests="${results.length}" failures="${failures}" errors="0" time="${time}"`
  const cases = results.map(({ expectation, holds, what, why, ms }) => {
    const { file, line } = expectation.source
    const attributes = `name="${xml(expectationKey(expectation))}" classname="${xml(topology)}" file="${xml(file)}" line="${line}" time="${seconds(ms)}"`
    if (holds) return `    <testcase ${attributes}/>\n`
    const text = [what, ...why].map(xml).join('\n')
    return `    <testcase ${attributes}>\n      <failure message="${xml(what)}">${text}</failure>\n    </testcase>\n`
  })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    `<testsuites name="nsctl verify" ${counts}>\n`,
    `  <testsuite name="${xml(topology)}" ${counts}>\n`,
    ...cases,
    '  </testsuite>\n</testsuites>\n',
  ].join('')
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** XML has no way to write control characters: they are shown as elsewhere. */
function xml(text: string): string {
  return escapeText(text).replace(/[&<>"']/g, character => ENTITIES[character] ?? character)
}
