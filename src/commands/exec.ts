import { accessSync, constants, statSync } from 'node:fs'
import { listNamespaces } from '../kernel/in-namespaces.ts'
import { requirePrivilege } from '../kernel/privilege.ts'
import { findTool, isOnPath, MissingTool } from '../kernel/tools.ts'
import { escapeText, messageOf } from '../model/escape.ts'
import { listOf } from '../model/words.ts'
import { didYouMean } from '../topology/nearest.ts'
import type { Context } from './context.ts'
import { NOT_STARTED } from './exit-codes.ts'
import { shellOf } from './shell.ts'

/** Why a command was not started, with the exit code that `env` has for it. */
interface Refusal {
  exitCode: number
  why: string
}

/** Runs a command in a namespace, with its resolv.conf; exit codes as of `env`. */
export async function exec(namespace: string, command: string[], context: Context): Promise<number> {
  const { environment, foreground, say } = context
  const wanted = command.length > 0 ? command : [shellOf(environment)]
  const refused = whyNotEntered(namespace) ?? whyNotRun(wanted[0] ?? '', environment.PATH ?? '')
  if (refused !== null) {
    say(`nsctl exec: ${refused.why}\n`)
    return refused.exitCode
  }
  const { exitCode, problem } = await foreground(
    [findTool('ip') ?? 'ip', 'netns', 'exec', namespace, ...wanted],
    {
      environment: environment as NodeJS.ProcessEnv,
      to: 'child',
    },
  )
  if (problem !== null) say(`nsctl exec: ${escapeText(problem)}\n`)
  return exitCode
}

function whyNotEntered(namespace: string): Refusal | null {
  const known = listNamespaces()
  const shown = escapeText(namespace)
  if (!known.has(namespace)) {
    const names = [...known.keys()].map(escapeText)
    const guess = didYouMean(shown, names).map(question => `; ${question}`)
    const there =
      names.length === 0 ? 'there is none on this host' : `namespaces of this host: ${listOf(names)}`
    return { exitCode: NOT_STARTED, why: `no namespace ${shown}${guess.join('')}; ${there}` }
  }
  const unfit = known.get(namespace)
  if (unfit != null) return { exitCode: NOT_STARTED, why: `${shown} cannot be entered: ${escapeText(unfit)}` }
  try {
    requirePrivilege()
    if (findTool('ip') === null) throw new MissingTool('ip')
    return null
  } catch (error) {
    return { exitCode: NOT_STARTED, why: messageOf(error) }
  }
}

/** `ip netns exec` itself ends with 1 when it cannot start a command, as many commands do. */
function whyNotRun(program: string, path: string): Refusal | null {
  const refusal = (exitCode: number, why: string) => ({ exitCode, why: `${escapeText(program)}: ${why}` })
  if (!program.includes('/')) return isOnPath(program, path) ? null : refusal(127, 'not found')
  try {
    accessSync(program, constants.X_OK)
    return statSync(program).isDirectory() ? refusal(126, 'is a directory') : null
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return absent ? refusal(127, 'not found') : refusal(126, 'permission denied')
  }
}
