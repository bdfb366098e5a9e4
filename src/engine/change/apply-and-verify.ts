import type { Earlier } from '../../kernel/read/earlier.ts'
import { settleClaims } from '../../kernel/records/settle-claims.ts'
import { applyPlan } from '../../kernel/write/apply.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import { Interrupted } from '../../model/plan/interrupted.ts'
import type { Plan } from '../../model/plan/plan.ts'
import { notInForce, withClaimsSettled } from '../../planner/claims.ts'
import { summaryOf } from '../../planner/plan.ts'
import { blindSpotOf } from '../../planner/unreadable.ts'
import type { HostAccess } from '../host/access.ts'
import { NotVerified } from '../host/failure.ts'

/** How to find out whether a plan has been applied. */
export interface Verification {
  /** Reads the live host again: all of it, or what a plan has touched. */
  read(earlier?: Earlier): Promise<Snapshot>
  /** The plan from there on: empty when the host is as planned. */
  replan(snapshot: Snapshot): Plan
}

/**
 * Applies a plan and verifies it: reads the host back and plans again. Only then are its claims released, so that
 * whatever stops it before leaves them recorded. Returns the host as it was read back. Throws StepFailed, NotVerified,
 * or Interrupted.
 */
export async function applyAndVerify(
  plan: Plan,
  { read, replan }: Verification,
  access: HostAccess,
  signal: AbortSignal | undefined,
): Promise<Snapshot> {
  const never = new AbortController().signal
  const means = { run: access.run, reader: access.reader, program: access.self.at(-1) ?? '' }
  await applyPlan(
    means,
    plan,
    (done, total, step) => access.onProgress({ kind: 'step', done, total, step }),
    signal ?? never,
  )
  const held = await read()
  const snapshot = withClaimsSettled(plan, held)
  const left = replan(snapshot)
  const blind = blindSpotOf(left)
  if (blind !== null) throw new Error(`whether the host is as planned cannot be read: ${blind}`)
  const missed = notInForce(plan, held)
  if (left.changes.length > 0) throw new NotVerified(left)
  if (missed.length > 0) throw new NotVerified({ ...left, changes: missed, summary: summaryOf(missed) })
  // A signal that came while reading back announced a rollback.
  if (signal?.aborted) throw new Interrupted(signal.reason)
  settleClaims(held.claims, snapshot.claims)
  return snapshot
}
