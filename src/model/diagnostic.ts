/** Beyond this many UTF-16 units of a line, columns count those instead of characters: nobody counts there. */
export const LONG_LINE = 10_000

/** A place in a topology file; line and column count from 1, length in characters. */
export interface Source {
  file: string
  line: number
  column: number
  length: number
}

/** One thing wrong with a topology file: what, where, why, and what to do about it. */
export interface Diagnostic {
  severity: 'error' | 'warning'
  /** Stable, kebab-case: scripts and `--format json` consumers match on it. */
  code: string
  /** Constant for a code; the variable part is in `notes`. */
  summary: string
  source: Source
  /** The source line as it stands in the file, for the excerpt under the caret. */
  line: string
  /** What was found, what was expected, and the ways out, one line each. */
  notes: string[]
}

/** Thrown by the loader with every diagnostic of a file, sorted by place; at least one is an error. */
export class InvalidTopology extends Error {
  readonly diagnostics: Diagnostic[]

  constructor(diagnostics: Diagnostic[]) {
    const first = diagnostics[0]
    super(first ? `${first.source.file}: ${first.code}` : 'invalid topology')
    this.name = 'InvalidTopology'
    this.diagnostics = diagnostics
  }
}
