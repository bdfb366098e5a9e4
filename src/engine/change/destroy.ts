import type { Earlier } from '../../kernel/read/earlier.ts'
import {
  appliedTopologies,
  pendingTopologies,
  readJournal,
  removeApplied,
  removeJournal,
} from '../../kernel/records/records.ts'
import { settleClaims } from '../../kernel/records/settle-claims.ts'
import { observedState } from '../../kinds/all.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { DestroyOutcome } from '../../model/plan/outcome.ts'
import { type Plan, refuses } from '../../model/plan/plan.ts'
import type { SavedPlan } from '../../model/plan/saved-plan.ts'
import { withClaimsSettled } from '../../planner/claims.ts'
import { planDestroy } from '../../planner/plan.ts'
import { topologiesOn } from '../../planner/topologies-on-host.ts'
import { completeAccess, type HostAccess, type HostOptions } from '../host/access.ts'
import { type LockOptions, lock, whileLocked } from '../host/lock.ts'
import { readFor } from '../host/read-host.ts'
import { refusalWhilePending } from './pending.ts'
import { outdatedBy } from './saved-plan.ts'
import { transact } from './transaction.ts'

/** How one topology is destroyed. */
export interface DestroySettings {
  /** Asked before the first change; false: nothing is changed. Absent: the plan is approved. */
  approve?(plan: Plan, snapshot: Snapshot): boolean | Promise<boolean>
  /** Aborted, with the name of a signal as reason, to finish the command in hand and roll back. */
  signal?: AbortSignal
  /** The plan that was shown: the one made now has to be the same. */
  saved?: SavedPlan
  /** The host, where it was read already for this. */
  snapshot?: Snapshot
}

export type DestroyOptions = HostOptions & DestroySettings & LockOptions

/** Removes everything that a topology owns and nothing else. Needs no file. Throws where the host cannot be read. */
export async function destroy(topology: string, options: DestroyOptions = {}): Promise<DestroyOutcome> {
  const access = completeAccess(options)
  return whileLocked(access, options, () => destroyUnderLock(topology, options, access))
}

/**
 * Destroys the only topology on the host, or all of them, one after the other; ends at the first that is not destroyed.
 * Yields nothing where there is none.
 */
export async function* destroyAll({
  all = false,
  ...options
}: DestroyOptions & { all?: boolean } = {}): AsyncGenerator<
  DestroyOutcome | { kind: 'several'; topologies: string[] }
> {
  const access = completeAccess(options)
  const unlock = await lock(access, options)
  if (typeof unlock !== 'function') return yield unlock
  try {
    const snapshot = await readFor({ name: null, topologies: [] }, access)
    const topologies = knownTopologies(snapshot)
    if (topologies.length > 1 && !all) return yield { kind: 'several', topologies }
    for (const name of topologies) {
      // That reading serves to plan with, unless it lacks the journal of an interrupted apply.
      const reusable = topologies.length === 1 && readJournal(name) === null
      const settings = { ...options, ...(reusable ? { snapshot } : {}) }
      const outcome = await destroyUnderLock(name, settings, access)
      yield outcome
      if (!isGone(outcome)) return
    }
  } finally {
    await unlock()
  }
}

/** Whether nothing of a topology is left. */
export function isGone({ kind }: DestroyOutcome): boolean {
  return kind === 'destroyed' || kind === 'absent'
}

function knownTopologies(snapshot: Snapshot): string[] {
  return [...new Set([...topologiesOn(snapshot), ...appliedTopologies(), ...pendingTopologies()])].sort()
}

/** The same for a caller that holds the lock. */
export async function destroyUnderLock(
  name: string,
  settings: DestroySettings,
  access: HostAccess,
): Promise<DestroyOutcome> {
  const pending = refusalWhilePending(name)
  if (pending) return pending
  const read = (earlier?: Earlier) => readFor({ name, topologies: [], earlier }, access)
  const snapshot = settings.snapshot ?? (await read())
  const plan = planDestroy(name, snapshot)
  const outdated = settings.saved && outdatedBy(settings.saved, { plan, topology: null, snapshot })
  if (outdated) return outdated
  if (plan.findings.some(refuses)) return { kind: 'conflict', topology: name, plan }
  if (plan.changes.length === 0) {
    settleClaims(snapshot.claims, withClaimsSettled(plan, snapshot).claims)
    removeApplied(name)
    removeJournal(name)
    return { kind: 'absent', topology: name, present: topologiesOn(snapshot) }
  }
  access.onProgress({ kind: 'planned', plan })
  if (settings.approve && !(await settings.approve(plan, snapshot)))
    return { kind: 'declined', topology: name, plan }
  const failed = await transact(
    {
      plan,
      snapshot,
      before: observedState(snapshot, name),
      read,
      replan: now => planDestroy(name, now),
      confirm: null,
      rollback: true,
      record: () => removeApplied(name),
      signal: settings.signal,
    },
    access,
  )
  return failed ?? { kind: 'destroyed', topology: name, plan }
}
