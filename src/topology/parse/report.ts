import { type Diagnostic, LONG_LINE, type Source } from '../../model/diagnostic.ts'
import { type Code, SUMMARIES } from './codes.ts'
import { keyAt, type Node, nodeAt, type Path, type Span } from './tree.ts'

/** A file with a thousand mistakes is not a topology; what is printed stays bounded. */
const MOST = 1000

export interface Spot {
  path: Path
  /** Points at the key instead of the value. */
  key?: boolean
  /** Points at a part of a scalar: offsets into its text. */
  part?: readonly [start: number, end: number]
}

/** Collects what is wrong with one file, and knows where everything stands in it. */
export class Report {
  readonly file: string
  /** Set once the text has been parsed. */
  root: Node | null = null
  readonly diagnostics: Diagnostic[] = []
  readonly #text: string
  readonly #lineStarts: number[]
  readonly #seen = new Set<string>()
  readonly #starts = new Set<number>()
  readonly #silent = new Set<number>()

  constructor(text: string, file: string) {
    this.file = file
    this.#text = text
    this.#lineStarts = lineStarts(text)
  }

  /** Whether more would not be kept. */
  get full(): boolean {
    return this.diagnostics.length >= MOST
  }

  get failed(): boolean {
    return this.diagnostics.some(diagnostic => diagnostic.severity === 'error')
  }

  error(code: Code, spot: Spot | Path, ...notes: string[]): void {
    this.#add('error', code, this.#spanOf(spot), notes)
  }

  warning(code: Code, spot: Spot | Path, ...notes: string[]): void {
    this.#add('warning', code, this.#spanOf(spot), notes)
  }

  /** What is wrong here was said in another way: whatever follows from it is not worth a word. */
  silence(span: Span): void {
    this.#silent.add(span[0])
  }

  /** Whether something of this sort was reported already. */
  knows(code: Code): boolean {
    return this.diagnostics.some(diagnostic => diagnostic.code === code)
  }

  errorAt(code: Code, span: Span, ...notes: string[]): void {
    this.#add('error', code, span, notes)
  }

  /** Whether something was already said of exactly this place: one mistake, one message. */
  hasErrorAt(spot: Spot | Path): boolean {
    return this.#starts.has(this.#spanOf(spot)[0])
  }

  sourceOf(spot: Spot | Path): Source {
    return this.sourceAt(this.#spanOf(spot))
  }

  sourceAt([start, end]: Span): Source {
    const index = this.#lineIndex(start)
    const lineStart = this.#lineStarts[index] ?? 0
    const line = this.#line(index)
    const column = Math.min(start - lineStart, line.length)
    const stop = Math.min(end - lineStart, line.length)
    return {
      file: this.file,
      line: index + 1,
      column: characters(line.slice(0, column)) + 1,
      length: Math.max(1, characters(line.slice(column, stop))),
    }
  }

  /** `line 12`, for notes that point at a second place. */
  lineOf(spot: Spot | Path): string {
    return `line ${this.sourceOf(spot).line}`
  }

  sorted(): Diagnostic[] {
    return this.diagnostics.toSorted(
      (a, b) =>
        a.source.line - b.source.line || a.source.column - b.source.column || (a.code < b.code ? -1 : 1),
    )
  }

  #add(severity: Diagnostic['severity'], code: Code, span: Span, notes: string[]): void {
    if (this.full) return
    const source = this.sourceAt(span)
    const identity = `${code} ${source.line} ${source.column} ${notes.join('\n')}`
    if (this.#seen.has(identity) || this.#silent.has(span[0])) return
    this.#seen.add(identity)
    if (severity === 'error') this.#starts.add(span[0])
    this.diagnostics.push({
      severity,
      code,
      summary: SUMMARIES[code],
      source,
      line: this.#line(source.line - 1),
      notes,
    })
  }

  #spanOf(spot: Spot | Path): Span {
    const { path, key, part } = 'path' in spot ? spot : { path: spot, key: false, part: undefined }
    if (!this.root) return [0, 0]
    const keySpan = key ? keyAt(this.root, path) : null
    if (keySpan) return keySpan
    const node = nodeAt(this.root, path)
    if (part && node.kind !== 'scalar') return [node.span[0] + part[0], node.span[0] + part[1]]
    if (!part || node.kind !== 'scalar' || node.interpolated || typeof node.value !== 'string')
      return node.span
    const start = node.span[0] + (node.plain ? 0 : 1)
    const whole = this.#text.slice(start, start + node.value.length) === node.value
    return whole ? [start + part[0], start + part[1]] : node.span
  }

  #line(index: number): string {
    const start = this.#lineStarts[index] ?? this.#text.length
    const end = this.#lineStarts[index + 1] ?? this.#text.length + 1
    const stop = this.#text[end - 2] === '\r' && end - 2 >= start ? end - 2 : end - 1
    return this.#text.slice(start, stop)
  }

  #lineIndex(offset: number): number {
    let low = 0
    let high = this.#lineStarts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** Code points, not UTF-16 units: what an editor counts. Far to the right nobody counts, and it would take long. */
function characters(text: string): number {
  return text.length > LONG_LINE ? text.length : [...text].length
}
