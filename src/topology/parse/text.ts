import { escapeText } from '../../model/text/escape.ts'
import type { Report } from './report.ts'

const MOST_BYTES = 8 * 1024 * 1024
export const DEEPEST = 32

/**
 * The parser takes time and memory in proportion to what it tells apart, not to bytes: 8 MiB of commas would be
 * minutes and gigabytes. Ten thousand namespaces with all they need stay below half of this.
 */
const MOST_STRUCTURE = 600_000

const STRUCTURE = new Set([...'[]{},:-?&*!|>%#@"\'`\n'].map(character => character.charCodeAt(0)))

/** Indentation that no topology needs: the parser takes time and memory in proportion to it. */
const WIDEST_INDENT = 1024

/** Tabs, C0 but line ends, DEL, C1, line separators, bidi controls, a byte order mark inside, lone surrogates. */
const FORBIDDEN =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffd]|[\ud800-\udfff]/gu

/** What can be said of the text before a parser sees it; false where the parser must not see it. */
export function checkText(text: string, report: Report): boolean {
  if (text.length > MOST_BYTES || Buffer.byteLength(text) > MOST_BYTES) {
    report.errorAt('file-too-large', [0, 0], 'a topology file has at most 8 MiB')
    return false
  }
  if (structureOf(text) > MOST_STRUCTURE) {
    const most = `at most ${MOST_STRUCTURE} lines and punctuation marks`
    report.errorAt('file-too-large', [0, 0], `a topology file has ${most}`)
    return false
  }
  checkCharacters(text, report)
  checkIndentation(text, report)
  return !report.failed
}

function structureOf(text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) if (STRUCTURE.has(text.charCodeAt(i))) count++
  return count
}

/** Also used on values, where escapes in double quotes may bring in what the text does not hold. */
export function forbiddenCharacter(text: string): string | null {
  FORBIDDEN.lastIndex = 0
  const found = FORBIDDEN.exec(text)?.[0]
  return found === undefined ? (text.includes('\n') ? '\n' : null) : found
}

function checkCharacters(text: string, report: Report): void {
  FORBIDDEN.lastIndex = 0
  for (let match = FORBIDDEN.exec(text); match; match = FORBIDDEN.exec(text)) {
    const [character] = match
    if (character === '\r' && text[match.index + 1] === '\n') continue
    if (character === '\ufeff' && match.index === 0) continue
    const span: [number, number] = [match.index, match.index + character.length]
    if (character === '\t') {
      const run = /\t+/y
      run.lastIndex = match.index
      span[1] += (run.exec(text)?.[0].length ?? 1) - 1
      FORBIDDEN.lastIndex = span[1]
      report.errorAt('tab', span, 'use spaces, two for each level')
    } else if (character === '\ufffd' || isByte(character)) {
      report.errorAt('not-utf8', span, 'save the file as UTF-8')
    } else {
      report.errorAt('control-character', span, `found ${escapeText(character)}; remove it`)
    }
    if (report.full) return
  }
}

/** Half of a surrogate pair that stands for a byte: what a repository holds is read as bytes of others. */
function isByte(character: string): boolean {
  return /^[\udc80-\udcff]$/u.test(character)
}

/**
 * A line of many `- ` or very deep indentation ends in the parser's regular expressions, which then abort the whole
 * process; nothing that can be caught.
 */
function checkIndentation(text: string, report: Report): void {
  for (let start = 0; start !== -1; start = nextLine(text, start)) {
    let at = start
    while (text[at] === ' ') at++
    let indicators = at - start > WIDEST_INDENT ? DEEPEST + 1 : 0
    while (indicators <= DEEPEST && /[-?:]/.test(text[at] ?? '') && text[at + 1] === ' ') {
      indicators++
      while (text[++at] === ' ');
    }
    if (indicators > DEEPEST && text[at] !== '#') {
      report.errorAt('nested-too-deep', [at, at + 1], NESTING)
      return
    }
  }
}

function nextLine(text: string, start: number): number {
  const end = text.indexOf('\n', start)
  return end === -1 ? -1 : end + 1
}

export const NESTING = `a topology is nested at most ${DEEPEST} deep`
