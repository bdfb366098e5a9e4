import { type CannotExec, commandIn } from '../../engine/run/exec.ts'
import { shellOf } from '../../engine/run/shell.ts'
import { escapeText } from '../../model/text/escape.ts'
import { listOf } from '../../model/text/phrases.ts'
import { didYouMean } from '../../topology/parse/nearest.ts'
import type { Context } from '../context.ts'
import { NOT_STARTED } from '../exit-codes.ts'

/** Runs a command in a namespace, with its resolv.conf; exit codes as of `env`. */
export async function exec(namespace: string, command: string[], context: Context): Promise<number> {
  const { environment, foreground, say } = context
  const wanted = command.length > 0 ? command : [shellOf(environment)]
  const outcome = commandIn(namespace, wanted, environment)
  if (outcome.kind !== 'executable') {
    const { exitCode, why } = refusal(outcome, namespace, wanted[0] ?? '')
    say(`nsctl exec: ${why}\n`)
    return exitCode
  }
  const { exitCode, problem } = await foreground(outcome.commandLine, {
    environment: environment as NodeJS.ProcessEnv,
    to: 'child',
  })
  if (problem !== null) say(`nsctl exec: ${escapeText(problem)}\n`)
  return exitCode
}

/** Why the command is not started, with the exit code that `env` has for it. */
function refusal(outcome: CannotExec, namespace: string, program: string): { exitCode: number; why: string } {
  switch (outcome.kind) {
    case 'noSuchNamespace':
      return { exitCode: NOT_STARTED, why: noSuchNamespace(namespace, outcome.present) }
    case 'cannotEnter':
      return { exitCode: NOT_STARTED, why: escapeText(outcome.why) }
    case 'commandNotExecutable':
      return { exitCode: 126, why: `${escapeText(program)}: ${outcome.why}` }
    case 'commandNotFound':
      return { exitCode: 127, why: `${escapeText(program)}: not found` }
  }
}

function noSuchNamespace(namespace: string, present: string[]): string {
  const shown = escapeText(namespace)
  const names = present.map(escapeText)
  const guess = didYouMean(shown, names).map(question => `; ${question}`)
  const there =
    names.length === 0 ? 'there is none on this host' : `namespaces of this host: ${listOf(names)}`
  return `no namespace ${shown}${guess.join('')}; ${there}`
}
