import { liveNames, type Named } from '../../engine/inspect/live-names.ts'
import { renderCompletion, renderCompletionScript, type Shell } from '../../render/completion.ts'
import type { Context } from '../context.ts'

export interface Candidate {
  value: string
  /** What a shell that shows such things says of it. */
  about: string
}

/** What may stand at a place of a command line. */
export interface Completion {
  words: Candidate[]
  /** What is on this host now. */
  live: Named[]
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

export async function printCompletion(completion: Completion, context: Context): Promise<number> {
  const live = completion.live
    .flatMap(named => liveNames(named).map(value => ({ value, about: SINGULAR[named] })))
    .filter(({ value }) => value.startsWith(completion.current))
  context.write(renderCompletion({ ...completion, words: [...completion.words, ...live] }))
  return 0
}

const SINGULAR: Record<Named, string> = {
  namespaces: 'namespace',
  interfaces: 'interface',
  topologies: 'topology',
}
