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
  const first = Math.max(...results.map(({ outcome }) => LABELS[outcome].length))
  const lines = results.flatMap(result => {
    const { outcome, holds, what, ms, by, why, expectation } = result
    const { file, line } = expectation.source
    const took = by === 'packets' ? ` (${ms} ms)` : ''
    return [
      `${paintOf(outcome, colors)(LABELS[outcome].padEnd(first))}  ${keyOf(result).padEnd(width)}  ${escapeText(what)}${took}${holds ? '' : colors.dim(`   ${escapeText(file)}:${line}`)}`,
      ...why.map(text => `         ${escapeText(text)}`),
    ]
  })
  return [...lines, colors.bold(countLine(results))].map(line => `${line.trimEnd()}\n`).join('')
}

const LABELS = { holds: 'holds', fails: 'FAILS', undetermined: 'undetermined' }

function paintOf(outcome: ExpectationResult['outcome'], colors: Colors): (text: string) => string {
  if (outcome === 'holds') return colors.green
  return outcome === 'undetermined' ? colors.yellow : text => colors.red(colors.bold(text))
}

function countLine(results: ExpectationResult[]): string {
  const failing = numberOf(results, 'fails')
  const unknown = numberOf(results, 'undetermined')
  const parts = [
    failing === 0 ? '' : `${failing} not as expected`,
    unknown === 0 ? '' : `${unknown} undetermined`,
  ].filter(text => text !== '')
  return `${counted(results.length, 'expectation')}: ${parts.join(', ') || 'all hold'}.`
}

function numberOf(results: ExpectationResult[], outcome: ExpectationResult['outcome']): number {
  return results.filter(one => one.outcome === outcome).length
}

function keyOf({ expectation }: ExpectationResult): string {
  return escapeText(expectationKey(expectation))
}

export function verificationJson(topology: string, results: ExpectationResult[]): string {
  return renderJson({
    formatVersion: '1.0',
    topology,
    outcome: outcomeOfAll(results),
    holds: results.every(({ holds }) => holds),
    expectations: results.map(({ expectation, outcome, holds, reached, by, what, ms, why }) => {
      const { protocol, from, to, reachable, open, source } = expectation
      return {
        ...{ protocol, from, to, reachable, open, outcome, holds, reached, by, what, ms, why },
        source: { file: source.file, line: source.line, column: source.column },
      }
    }),
  })
}

function outcomeOfAll(results: ExpectationResult[]): ExpectationResult['outcome'] {
  if (numberOf(results, 'fails') > 0) return 'fails'
  return numberOf(results, 'undetermined') > 0 ? 'undetermined' : 'holds'
}

/** As CI systems read it: one test case for each expectation; what is undetermined is skipped. */
export function verificationJunit(topology: string, results: ExpectationResult[]): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(3)
  const time = seconds(Math.max(0, ...results.map(({ ms }) => ms)))
  const counts = `tests="${results.length}" failures="${numberOf(results, 'fails')}" errors="0" skipped="${numberOf(results, 'undetermined')}" time="${time}"`
  const cases = results.map(({ expectation, outcome, what, why, ms }) => {
    const { file, line } = expectation.source
    const attributes = `name="${xml(expectationKey(expectation))}" classname="${xml(topology)}" file="${xml(file)}" line="${line}" time="${seconds(ms)}"`
    if (outcome === 'holds') return `    <testcase ${attributes}/>\n`
    const element = outcome === 'fails' ? 'failure' : 'skipped'
    const message = outcome === 'fails' ? what : `undetermined: ${what}`
    const text = [what, ...why].map(xml).join('\n')
    return `    <testcase ${attributes}>\n      <${element} message="${xml(message)}">${text}</${element}>\n    </testcase>\n`
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
