import type { ApplyOutcome, DestroyOutcome, Failed } from '../../model/plan/outcome.ts'
import { renderOutcome } from '../../render/plan/outcome.ts'
import type { Context } from '../context.ts'
import { sayFindings } from '../host.ts'

/** Says how an apply or a destroy ended; returns the exit code that says it to scripts. */
export function conclude(outcome: ApplyOutcome | DestroyOutcome, context: Context): number {
  if (outcome.kind === 'conflict') sayFindings(outcome.plan, context)
  const code = exitCodeOf(outcome)
  const text = renderOutcome(outcome, context.errorColors)
  if (code === 0) context.write(text)
  else context.say(text)
  return code
}

/** A topology that is in the way, a missing consent, a pending confirmation: nothing was changed. */
const REFUSED = 1

function exitCodeOf(outcome: ApplyOutcome | DestroyOutcome): number {
  switch (outcome.kind) {
    case 'applied':
    case 'unchanged':
    case 'destroyed':
    case 'absent':
      return 0
    case 'rolledBack':
      return outcome.failure.kind === 'interrupted' ? signalCode(outcome) : 3
    case 'incomplete':
    case 'partial':
      return 4
    case 'outdated':
      return 5
    case 'locked':
      return 6
    default:
      return REFUSED
  }
}

const SIGNALS: Partial<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGPIPE: 13, SIGTERM: 15 }

function signalCode({ failure }: Failed): number {
  return 128 + ((failure.kind === 'interrupted' && SIGNALS[failure.signal]) || 2)
}
