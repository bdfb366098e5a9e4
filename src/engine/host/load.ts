import { type Diagnostic, InvalidTopology } from '../../model/diagnostic.ts'
import type { Topology } from '../../model/topology.ts'
import { accepting } from '../../topology/accepting.ts'
import { loadTopology as load } from '../../topology/load.ts'

export interface LoadOptions {
  /** The file's name, for diagnostics and records. */
  file?: string
  /** The variables that `${VAR}` refers to; default: none. */
  environment?: Record<string, string | undefined>
  /** Findings that are known and wanted, as `code:subject`, besides those that the file accepts. */
  accept?: string[]
}

export type Loaded =
  | { kind: 'valid'; topology: Topology; warnings: Diagnostic[] }
  /** All errors and warnings at once, sorted by place. */
  | { kind: 'invalid'; diagnostics: Diagnostic[] }

/** Turns the text of a topology file into a topology. Reads nothing but its arguments. */
export function loadTopology(
  text: string,
  { file = 'topology.yaml', environment = {}, accept = [] }: LoadOptions = {},
): Loaded {
  try {
    const { topology, warnings } = load(text, file, environment)
    return { kind: 'valid', topology: accepting(accept, topology), warnings }
  } catch (error) {
    if (!(error instanceof InvalidTopology)) throw error
    return { kind: 'invalid', diagnostics: error.diagnostics }
  }
}
