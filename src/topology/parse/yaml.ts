import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node as Parsed,
  parseDocument,
  type Scalar,
} from 'yaml'
import { escapeText } from '../../model/text/escape.ts'
import type { Report } from './report.ts'
import { DEEPEST, forbiddenCharacter, NESTING } from './text.ts'
import type { Entry, Node, ScalarNode, Span } from './tree.ts'

/** What aliases may add to a file: enough for shared settings, too little for a bomb. */
const MOST_ALIASED_NODES = 10_000

/** Parses one YAML 1.2 document into plain data with places; null where it cannot be understood at all. */
export function parseYaml(text: string, report: Report): Node | null {
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    // Ours is a Set; the parser's compares every pair of keys.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
    lineCounter: new LineCounter(),
  })
  const directive = /^\ufeff?(?:(?:[ \r]*|#.*)\n)*%/.exec(text)?.[0].length
  if (directive !== undefined) {
    const end = text.indexOf('\n', directive)
    const span: Span = [directive - 1, end === -1 ? text.length : end]
    report.errorAt('yaml-directive', span, 'remove the line that begins with %')
  }
  const lines = new Set<number>()
  for (const { code, message, pos } of document.errors) {
    // After the first on a line the parser is lost, and what it says of the rest misleads.
    const { line } = report.sourceAt(pos)
    if (!lines.has(line)) syntaxError(code, message, pos, text, report)
    lines.add(line)
  }
  if (report.failed) return null
  if (!document.contents) {
    report.errorAt('empty-file', [0, 0], 'the smallest file is one line such as: name: flask')
    return null
  }
  const reading: Reading = {
    text,
    report,
    anchors: new Map(),
    aliased: 0,
    aliasDepth: 0,
    over: false,
  }
  const root = read(document.contents as Parsed, 1, reading)
  return reading.over ? null : root
}

interface Reading {
  text: string
  report: Report
  anchors: Map<string, Parsed>
  aliased: number
  aliasDepth: number
  /** Set when a limit is passed: nothing more is read then. */
  over: boolean
}

function read(node: Parsed | null, depth: number, reading: Reading, at: Span = [0, 0]): Node | null {
  const { report } = reading
  if (reading.over) return null
  if (!node) return { kind: 'scalar', span: at, value: null, plain: true, interpolated: false }
  const whole = spanOf(node)
  // Nothing behind a key: the key is what can be pointed at.
  const span = whole[0] === whole[1] && isScalar(node) ? at : whole
  if (reading.aliasDepth > 0 && ++reading.aliased > MOST_ALIASED_NODES) {
    report.errorAt('alias-bomb', span, `aliases may stand for at most ${MOST_ALIASED_NODES} values in all`)
    reading.over = true
    return null
  }
  if (depth > DEEPEST) {
    report.errorAt('nested-too-deep', [span[0], span[0] + 1], NESTING)
    reading.over = true
    return null
  }
  if (isAlias(node)) return readAlias(node.source, span, depth, reading)
  if (node.tag !== undefined) {
    report.errorAt(
      'yaml-tag',
      span,
      `remove the tag ${escapeText(node.tag)}; to have text, write it in quotes`,
    )
  }
  const anchor = (node as { anchor?: string }).anchor
  const result = readContent(node, span, depth, reading)
  // Registered after its content, so that an alias inside its own anchor finds nothing.
  if (anchor !== undefined) reading.anchors.set(anchor, node)
  return result
}

function readContent(node: Parsed, span: Span, depth: number, reading: Reading): Node | null {
  if (isScalar(node)) return readScalar(node, span, reading)
  if (isSeq(node)) {
    const items = node.items.map(item =>
      read(item as Parsed | null, depth + 1, reading, [span[0], span[0] + 1]),
    )
    return { kind: 'list', span, items: items.filter(item => item !== null) }
  }
  if (!isMap(node)) return null
  const entries = new Map<string, Entry>()
  for (const pair of node.items) {
    const key = readKey(pair.key as Parsed | null, span, reading)
    if (!key) continue
    const value = read(pair.value as Parsed | null, depth + 1, reading, key.span)
    const first = entries.get(key.name)
    if (first) {
      const where = `first on line ${reading.report.sourceAt(first.key).line}`
      reading.report.errorAt('duplicate-key', key.span, where, 'remove one of the two')
    } else if (value) entries.set(key.name, { key: key.span, value })
  }
  return { kind: 'map', span, entries }
}

function readKey(key: Parsed | null, map: Span, reading: Reading): { name: string; span: Span } | null {
  const { report, text } = reading
  const span = key ? spanOf(key) : map
  if (!key || !isScalar(key)) {
    report.errorAt('key-not-text', span, 'a key is a plain name')
    return null
  }
  if (key.tag !== undefined || (key as { anchor?: string }).anchor !== undefined) {
    report.errorAt('key-not-text', span, 'a key is a plain name, without tag and anchor')
    return null
  }
  if (typeof key.value !== 'string') {
    const written = text.slice(...span)
    report.errorAt('unquoted-name', span, ...readsAs(written, key.value))
    return { name: written, span }
  }
  if (key.value === '<<') {
    report.errorAt('merge-key', span, 'write the keys out; YAML 1.2 has no merge keys')
    return null
  }
  checkText(key.value, span, report)
  return { name: key.value, span }
}

function readScalar({ type, value }: Scalar, span: Span, { report, text }: Reading): ScalarNode {
  const scalar = { kind: 'scalar', span, plain: type === 'PLAIN', interpolated: false } as const
  if (typeof value === 'string') checkText(value, span, report)
  const written = text.slice(...span)
  // 0x1f, 1e3, 007, 1.0: numbers to YAML, to their author perhaps names.
  if (typeof value === 'number' && !/^-?(0|[1-9]\d{0,14})$/.test(written)) {
    report.errorAt('unquoted-name', span, ...readsAs(written, value))
    return { ...scalar, value: written }
  }
  const known = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return { ...scalar, value: known ? value : null }
}

function readAlias(name: string, span: Span, depth: number, reading: Reading): Node | null {
  const anchored = reading.anchors.get(name)
  if (!anchored) {
    reading.report.errorAt('unknown-alias', span, 'an alias stands after its anchor, and not inside it')
    return null
  }
  reading.aliasDepth++
  const node = read(anchored, depth, reading)
  reading.aliasDepth--
  // What is wrong with the copy is shown where the copy is used.
  return node && { ...node, span }
}

function checkText(text: string, span: Span, report: Report): void {
  const found = forbiddenCharacter(text)
  if (found !== null)
    report.errorAt('control-character', span, `the text holds ${escapeText(found)}; remove it`)
}

/** `YAML reads 007 as the number 7`, and the way out. */
export function readsAs(written: string, value: unknown): string[] {
  const what = value === null ? 'nothing' : `the ${typeof value} ${String(value)}`
  const plainly = typeof value === 'number' && Number.isSafeInteger(value) && String(value) !== written
  return [
    `YAML reads ${escapeText(written)} as ${what}`,
    `quote it: "${escapeText(written)}"${plainly ? `; or, where a number is meant, write ${value}` : ''}`,
  ]
}

function spanOf(node: Parsed): Span {
  const [start, end] = node.range ?? [0, 0]
  return [start, Math.max(end, start)]
}

function syntaxError(
  code: string,
  message: string,
  pos: [number, number],
  text: string,
  report: Report,
): void {
  if (code === 'RESOURCE_EXHAUSTION') report.errorAt('nested-too-deep', pos, NESTING)
  else if (code === 'MULTIPLE_DOCS') {
    report.errorAt(
      'several-documents',
      pos,
      'one file holds one topology; put the others into files of their own',
    )
  } else {
    const line = text.slice(text.lastIndexOf('\n', pos[0] - 1) + 1, pos[1] + 1)
    const variable = /[{[].*\$\{/.test(line)
      ? ['a variable inside { … } or [ … ] stands in quotes: "${…}"']
      : []
    report.errorAt('yaml-syntax', pos, ...variable, escapeText(message))
  }
}
