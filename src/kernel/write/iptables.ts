import { commandsOf } from '../../model/command/command.ts'
import {
  type LineOrigin,
  type RestoreCommand,
  restoreInput,
  restoreLine,
  restoreVector,
  TABLES,
} from '../../model/command/iptables.ts'
import type { Batch } from '../../model/plan/plan.ts'
import type { Run } from '../process/run.ts'
import { failureOf, type OnFailure } from './attempt.ts'
import { failedLines } from './failed-lines.ts'
import { StepFailed } from './step-failed.ts'

/** Rules of one family and variant. To stop at a failure all tables are one input; otherwise each is its own. */
export async function applyRules(run: Run, batch: Batch, onFailure: OnFailure): Promise<StepFailed[]> {
  const commands = commandsOf(batch.commands, 'iptables-restore')
  if (onFailure === 'stop') {
    const refusal = await restore(run, commands)
    return refusal === null ? [] : [failureOfLine(refusal, commands, batch.changes)]
  }
  const failures: StepFailed[] = []
  for (const table of TABLES) {
    const own = commands.filter(command => command.table === table)
    failures.push(...(await applyWhatFits(run, own)))
  }
  return failures
}

/** So many lines of a table may be of modules or sets that are not there: the others are worth having. */
const MOST_LINES_DROPPED = 50

/** A table is one transaction: a line that fails is left out, and the others are sent again. */
async function applyWhatFits(run: Run, table: RestoreCommand[]): Promise<StepFailed[]> {
  const failures: StepFailed[] = []
  let commands = table
  while (commands.length > 0) {
    const refusal = await restore(run, commands)
    if (refusal === null) break
    failures.push(failureOfLine(refusal, commands, []))
    if (refusal.at === undefined || failures.length === MOST_LINES_DROPPED) break
    commands = withoutLine(commands, refusal.at)
  }
  return failures
}

function withoutLine(commands: RestoreCommand[], { command, line }: LineOrigin): RestoreCommand[] {
  return commands.map((one, i) =>
    i === command ? { ...one, lines: one.lines.filter(other => other !== line) } : one,
  )
}

interface Refusal {
  /** The line that was refused; absent where the tool does not tell. */
  at: LineOrigin | undefined
  why: string
}

async function restore(run: Run, commands: RestoreCommand[]): Promise<Refusal | null> {
  const [first] = commands
  if (!first) return null
  const { text, origin } = restoreInput(commands)
  const [tool, ...args] = restoreVector(first)
  const failure = await failureOf(run(tool, args, { input: text }))
  if (failure === null) return null
  const [refused] = failedLines('iptables-restore', failure.stderr, text)
  return { at: origin[refused?.line ?? -1], why: refused?.why || failure.message }
}

function failureOfLine({ at, why }: Refusal, commands: RestoreCommand[], changes: string[]): StepFailed {
  const [tool = ''] = commands[0] ? restoreVector(commands[0]) : []
  return at === undefined
    ? new StepFailed(null, tool, why)
    : new StepFailed(changes[at.command] ?? null, `${tool}: ${restoreLine(at.line)}`, why)
}
