import { readJournal, writeJournal } from '../kernel/records.ts'
import type { Plan } from '../model/plan.ts'
import type { State } from '../model/resource.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { type Attempt, planRollback } from '../planner/plan.ts'
import { carryOut, NotConverged, type Proof } from './carry-out.ts'
import type { Context } from './context.ts'
import { messageOf } from './message.ts'
import { settleClaims } from './settle-claims.ts'

/**
 * Goes back to the state that there was before a plan; returns what is left of the way, or why that cannot be told, and
 * null when all of it is done. There is no recorded list of inverse commands: it is a plan like any other, from what is
 * there now, so that it does not matter how far the failed one had got.
 */
export async function undo(
  failed: Attempt,
  before: State,
  { read, reader }: Pick<Proof, 'read' | 'reader'>,
  context: Context,
): Promise<Plan | string | null> {
  const again = (now: Snapshot) => planRollback(failed, before, now)
  try {
    const back = again(await read())
    vouchFor(back)
    await carryOut(back, { read, again, reader }, context, new AbortController().signal)
    return null
  } catch (error) {
    if (error instanceof NotConverged) return error.left
    context.say(`nsctl: ${messageOf(error)}\n`)
  }
  try {
    const snapshot = await read()
    const left = again(snapshot)
    if (left.changes.length > 0) return left
    settleClaims(failed.topology, snapshot)
    return null
  } catch (error) {
    return `what is left cannot be read: ${messageOf(error)}`
  }
}

/** What is made on the way back, too, is nsctl's before it is marked. */
function vouchFor(plan: Plan): void {
  try {
    const journal = readJournal(plan.topology)
    if (journal) writeJournal({ ...journal, creates: [...journal.creates, ...createdBy(plan)] })
  } catch {
    // A disk that is full is no reason not to go back.
  }
}

/** Ids of what a plan makes: it bears no mark yet when it has just been born. */
export function createdBy({ changes }: Plan): string[] {
  return changes.filter(({ action }) => action === 'create' || action === 'replace').map(({ id }) => id)
}
