import { listNamespaces } from '../kernel/in-namespaces.ts'
import { interfaceNames, markedTopologies } from '../kernel/links-in-sys.ts'
import { appliedTopologies } from '../kernel/records.ts'
import { renderCompletion, renderCompletionScript, type Shell } from '../render/completion.ts'
import type { Context } from './context.ts'

export interface Candidate {
  value: string
  /** What a shell that shows such things says of it. */
  about: string
}

/** What may stand at a place of a command line. */
export interface Completion {
  words: Candidate[]
  /** What is on this host now. */
  live: ('namespaces' | 'topologies' | 'interfaces')[]
  /** What the shell adds of its own: files, or the completion of the command that begins at the word `from`. */
  rest: 'nothing' | 'files' | 'command'
  from: number
  /** Stands in front of each, within the same word: `--format=`. */
  prefix: string
  /** What of it is typed already. */
  current: string
}

export async function completion(shell: Shell, context: Context): Promise<number> {
  context.write(renderCompletionScript(shell))
  return 0
}

/** Whatever goes wrong: somebody is typing, and no message may get in between. */
export async function printCompletion(completion: Completion, context: Context): Promise<number> {
  const names = completion.live.flatMap(kind => quietly(LIVE[kind]))
  const live = names.filter(({ value }) => value.startsWith(completion.current))
  context.write(renderCompletion({ ...completion, words: [...completion.words, ...live] }))
  return 0
}

const LIVE: Record<Completion['live'][number], () => Candidate[]> = {
  namespaces: () => [...listNamespaces().keys()].map(value => ({ value, about: 'namespace' })),
  interfaces: () => interfaceNames().map(value => ({ value, about: 'interface' })),
  // The records are root's alone; the links of the host anybody may see.
  topologies: () =>
    [...new Set([...appliedTopologies(), ...markedTopologies()])]
      .sort()
      .map(value => ({ value, about: 'topology' })),
}

function quietly(read: () => Candidate[]): Candidate[] {
  try {
    return read()
  } catch {
    return []
  }
}
