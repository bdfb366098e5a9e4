import { escapeLines } from '../model/escape.ts'
import type { Plan } from '../model/plan.ts'
import type { State } from '../model/resource.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { planRollback } from '../planner/plan.ts'
import { carryOut, NotConverged, type Proof } from './carry-out.ts'
import type { Context } from './context.ts'
import { forgetStaleClaims } from './stale-claims.ts'

/**
 * Goes back to the state that there was before a plan; returns what is left of the way, or why that cannot be told, and
 * null when all of it is done. There is no recorded list of inverse commands: it is a plan like any other, from what is
 * there now, so that it does not matter how far the failed one had got.
 */
export async function undo(
  failed: Plan,
  before: State,
  { read, reader }: Pick<Proof, 'read' | 'reader'>,
  context: Context,
): Promise<Plan | string | null> {
  const again = (now: Snapshot) => planRollback(failed, before, now)
  try {
    await carryOut(again(await read()), { read, again, reader }, context, new AbortController().signal)
    return null
  } catch (error) {
    if (error instanceof NotConverged) return error.left
    context.say(`nsctl: ${messageOf(error)}\n`)
  }
  try {
    const snapshot = await read()
    const left = again(snapshot)
    if (left.changes.length > 0) return left
    forgetStaleClaims(failed.topology, snapshot)
    return null
  } catch (error) {
    return `what is left cannot be read: ${messageOf(error)}`
  }
}

export function messageOf(error: unknown): string {
  return escapeLines(error instanceof Error ? error.message : String(error))
}
