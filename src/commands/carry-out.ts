import { applyPlan } from '../kernel/apply.ts'
import { Interrupted } from '../kernel/interrupted.ts'
import type { Plan } from '../model/plan.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { splitReleases, undone, withoutReleased } from '../planner/claims.ts'
import { summaryOf } from '../planner/plan.ts'
import type { Context, HostOptions } from './context.ts'
import { settleClaims } from './settle-claims.ts'

export interface Proof {
  /** Reads the live host again. */
  read(): Promise<Snapshot>
  /** The plan from there on: empty when all is as it should be. */
  again(snapshot: Snapshot): Plan
  reader: HostOptions['reader']
}

/**
 * Carries out a plan and proves that it has come to pass; only then are its claims let go, so that whatever stops it
 * before is still known for nsctl's. Returns the host as it was read back. Throws NotConverged, StepFailed, or
 * Interrupted.
 */
export async function carryOut(
  plan: Plan,
  { read, again, reader }: Proof,
  { run, progress, self }: Context,
  signal: AbortSignal,
): Promise<Snapshot> {
  const means = { run, reader, program: self.at(-1) ?? '' }
  const [changing, releasing] = splitReleases(plan)
  await applyPlan(means, changing, progress, signal)
  const held = await read()
  const snapshot = withoutReleased(plan, held)
  const left = again(snapshot)
  const missed = undone(plan, held)
  if (left.changes.length > 0) throw new NotConverged(left)
  if (missed.length > 0) throw new NotConverged({ ...left, changes: missed, summary: summaryOf(missed) })
  // Told to stop while reading back: what was said then has to hold.
  if (signal.aborted) throw new Interrupted(signal.reason)
  await applyPlan(means, releasing, () => {}, new AbortController().signal)
  settleClaims(plan.topology, snapshot)
  return snapshot
}

export class NotConverged extends Error {
  readonly left: Plan

  constructor(left: Plan) {
    super('the commands succeeded, but the host is not as planned')
    this.name = 'NotConverged'
    this.left = left
  }
}
