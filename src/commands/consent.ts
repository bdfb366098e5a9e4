import { Interrupted } from '../kernel/interrupted.ts'
import { pendingTopologies, readJournal } from '../kernel/records.ts'
import { uptime } from '../kernel/uptime.ts'
import type { Plan } from '../model/plan.ts'
import { type Context, Refused } from './context.ts'

/** Throws Refused unless the plan may go ahead: asked on a terminal, by `--yes` elsewhere. The caller holds the lock. */
export async function consent(
  plan: Plan,
  needed: boolean,
  { yes }: { yes: boolean },
  { ask }: Context,
): Promise<void> {
  if (!needed || yes) return
  if (!ask) {
    throw new Refused(
      `${plan.topology}: this replaces or deletes, and there is no terminal to ask on: add --yes; nothing was changed`,
    )
  }
  const limit = untilNextDeadline()
  const answer = await ask(`Change ${plan.topology} as shown?`, limit).catch(error => {
    if (error instanceof Interrupted)
      throw new Refused(`${plan.topology}: ${error.message}; nothing was changed`, INTERRUPTED)
    if (!limit?.aborted) throw error
    throw new Refused(
      `${plan.topology}: no answer while there was time; another apply is to be taken back now; nothing was changed`,
    )
  })
  if (!answer) throw new Refused(`${plan.topology}: declined; nothing was changed`)
}

/** 128 and the number of INT: Ctrl-C at the question is a key to the terminal, and no signal. */
const INTERRUPTED = 130

const LONGEST_TIMER = 2 ** 31 - 1

/**
 * Until an apply that waits for confirmation has to be taken back: a question that nobody answers, since that very apply
 * may have cut the terminal off, must not keep the lock any longer.
 */
function untilNextDeadline(): AbortSignal | undefined {
  const deadlines = pendingTopologies().flatMap(topology => readJournal(topology)?.confirm?.deadline ?? [])
  if (deadlines.length === 0) return undefined
  const ms = Math.round((Math.min(...deadlines) - uptime()) * 1000)
  return AbortSignal.timeout(Math.min(Math.max(0, ms), LONGEST_TIMER))
}
