import { readJournal, writeJournal } from '../../kernel/records/records.ts'
import { settleClaims } from '../../kernel/records/settle-claims.ts'
import { observedState } from '../../kinds/all.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import { describeUnreadable } from '../../model/host/unreadable.ts'
import type { Leftover } from '../../model/plan/outcome.ts'
import type { Plan } from '../../model/plan/plan.ts'
import type { State } from '../../model/plan/resource.ts'
import { messageOf } from '../../model/text/escape.ts'
import { withClaimsSettled } from '../../planner/claims.ts'
import { type Attempt, planRollback } from '../../planner/plan.ts'
import { unreadableFor } from '../../planner/unreadable.ts'
import type { HostAccess } from '../host/access.ts'
import { failureOf, NotVerified } from '../host/failure.ts'
import { applyAndVerify, type Verification } from './apply-and-verify.ts'

/**
 * Goes back to the state before a plan; returns null when the host is verified to be in it, and else what is left. There
 * is no recorded list of inverse commands: the way back is a plan like any other, from the live state, so that it does not
 * matter how far the failed plan had come.
 */
export async function rollBack(
  failed: Attempt,
  before: State,
  read: Verification['read'],
  access: HostAccess,
): Promise<Leftover | null> {
  const replan = (now: Snapshot) => planRollback(failed, before, now)
  try {
    const back = replan(await read())
    vouchFor(back)
    return unseen(await applyAndVerify(back, { read, replan }, access, undefined), failed, before)
  } catch (error) {
    if (error instanceof NotVerified) return { kind: 'plan', plan: error.left }
    access.onProgress({ kind: 'failed', failure: failureOf(error) })
  }
  try {
    const snapshot = await read()
    const plan = replan(snapshot)
    if (plan.changes.length > 0) return { kind: 'plan', plan }
    settleClaims(snapshot.claims, withClaimsSettled(plan, snapshot).claims)
    return unseen(snapshot, failed, before)
  } catch (error) {
    return { kind: 'unknown', why: messageOf(error) }
  }
}

/** A plan that leaves nothing to do leaves out what is in tables that cannot be read. */
function unseen(snapshot: Snapshot, { topology }: Attempt, before: State): Leftover | null {
  const observed = observedState(snapshot, topology)
  const tables = unreadableFor(topology, [before, observed], snapshot)
  return tables.length === 0 ? null : { kind: 'unknown', why: tables.map(describeUnreadable).join('; ') }
}

/** Objects that the way back creates are nsctl's before they are marked, too. */
function vouchFor(plan: Plan): void {
  try {
    const journal = readJournal(plan.topology)
    if (journal) writeJournal({ ...journal, creates: [...journal.creates, ...createdBy(plan)] })
  } catch {
    // A full disk is no reason to stay.
  }
}

/** Ids of the objects that a plan creates: they have no mark yet when they have just been created. */
export function createdBy({ changes }: Plan): string[] {
  return changes.filter(({ action }) => action === 'create' || action === 'replace').map(({ id }) => id)
}
