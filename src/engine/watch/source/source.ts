import { appliedTopologies, readApplied } from '../../../kernel/records/records.ts'
import { sha256 } from '../../../model/text/sha256.ts'
import { accepting } from '../../../topology/accepting.ts'
import { refusedFiles, type Together } from '../../../topology/together.ts'
import type { Reading, Version } from '../../../watch/tracked.ts'

/** Where a watcher's topologies come from. */
export interface TopologySource {
  /** As records and messages name it; by it a topology is known to have been applied from here. */
  name: string
  /** Reads it as it is now; never throws for what is wrong with it. */
  read(): Promise<Reading>
  /** Directories in which an entry that comes, goes or changes may matter. */
  directories(): string[]
  /** Whether an entry of such a directory is one of its files. */
  concerns(directory: string, name: string): boolean
  /** Whether its texts are known to be whole: a file on disk may be half written. */
  isWhole: boolean
}

/** Topologies that were applied from this source, also by an earlier watcher. */
export function appliedFrom({ name }: Pick<TopologySource, 'name'>): string[] {
  return appliedTopologies().filter(topology => {
    const applied = readApplied(topology)
    return applied?.directory === name || applied?.file === name
  })
}

/** What loaded files declare; all that is wrong with one of them in one line. */
export function readingOf(together: Together, commit: string | null, accept: string[]): Reading {
  const refused = refusedFiles(together)
  const [bad, good] = [
    together.topologies.filter(({ file }) => refused.has(file)),
    together.topologies.filter(({ file }) => !refused.has(file)),
  ]
  const versions = good.map(
    ({ topology, text, file }): Version => ({
      topology: accepting(accept, topology),
      ...{ text, file, sha256: sha256(text), commit },
    }),
  )
  const broken = [
    ...together.invalid,
    ...bad.map(({ file, topology }) => ({ file, name: topology.name })),
  ].map(({ file, name }) => ({ file, name, why: firstError(file, together) }))
  return { versions, broken, problem: null }
}

function firstError(file: string, { diagnostics }: Together): string {
  const [first, ...more] = diagnostics.filter(one => one.source.file === file && one.severity === 'error')
  if (!first) return 'invalid'
  const rest = more.length > 0 ? ` (and ${more.length} more)` : ''
  return `line ${first.source.line}: ${first.summary}: ${first.notes[0] ?? first.code}${rest}`
}
