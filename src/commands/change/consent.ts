import { untilNextDeadline } from '../../engine/change/pending.ts'
import { Interrupted } from '../../model/plan/interrupted.ts'
import type { Plan } from '../../model/plan/plan.ts'
import { type Context, Refused } from '../context.ts'
import { INTERRUPTED } from '../exit-codes.ts'

/** How the engine asks before the first change: on a terminal, or `--yes` answers; the lock is held meanwhile. */
export function approval(
  isNeeded: (plan: Plan) => boolean,
  { yes }: { yes: boolean },
  context: Context,
): (plan: Plan) => Promise<boolean> {
  return async plan => yes || !isNeeded(plan) || askFor(plan, context)
}

/** An apply that only creates or updates goes ahead without asking. */
export function losesSomething({ summary }: Plan): boolean {
  return summary.replace + summary.delete > 0
}

async function askFor({ topology }: Plan, { ask }: Context): Promise<boolean> {
  if (!ask) {
    throw new Refused(
      `${topology}: this replaces or deletes, and there is no terminal to ask on: add --yes; nothing was changed`,
    )
  }
  const limit = timeToAnswer()
  return ask(`Change ${topology} as shown?`, limit).catch(error => {
    if (error instanceof Interrupted)
      // Ctrl-C at the question is a key to the terminal, and no signal.
      throw new Refused(`${topology}: ${error.message}; nothing was changed`, INTERRUPTED)
    if (!limit?.aborted) throw error
    throw new Refused(
      `${topology}: no answer while there was time; another apply is to be taken back now; nothing was changed`,
    )
  })
}

const LONGEST_TIMER = 2 ** 31 - 1

/**
 * Until an apply that waits for confirmation has to be rolled back. A question that nobody answers, since that very apply
 * may have cut the terminal off, must not hold the lock any longer.
 */
function timeToAnswer(): AbortSignal | undefined {
  const ms = untilNextDeadline()
  return ms === null ? undefined : AbortSignal.timeout(Math.min(Math.max(0, ms), LONGEST_TIMER))
}
