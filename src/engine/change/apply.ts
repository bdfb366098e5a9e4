import type { Earlier } from '../../kernel/read/earlier.ts'
import {
  type Applied,
  type Journal,
  readApplied,
  removeJournal,
  writeApplied,
  writeJournal,
} from '../../kernel/records/records.ts'
import { settleClaims } from '../../kernel/records/settle-claims.ts'
import { observedState } from '../../kinds/all.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { ApplyOutcome } from '../../model/plan/outcome.ts'
import { type Plan, refuses } from '../../model/plan/plan.ts'
import type { SavedPlan } from '../../model/plan/saved-plan.ts'
import type { Topology } from '../../model/topology.ts'
import { withClaimsSettled } from '../../planner/claims.ts'
import { withUplinksOf } from '../../planner/last-uplinks.ts'
import { planTopology } from '../../planner/plan.ts'
import { completeAccess, type HostAccess, type HostOptions } from '../host/access.ts'
import { ExpectationsBroken } from '../host/failure.ts'
import { type LockOptions, whileLocked } from '../host/lock.ts'
import { readFor } from '../host/read-host.ts'
import { confirmationIn } from './confirm-timer.ts'
import { demandExpectations } from './expectations-kept.ts'
import { refusalWhilePending } from './pending.ts'
import { type Origin, recordOf } from './record.ts'
import { rehearse } from './rehearse.ts'
import { outdatedBy } from './saved-plan.ts'
import { transact } from './transaction.ts'

/** How one topology is applied. */
export interface ApplySettings {
  /** Seconds within which `confirm` has to be called, or the apply is rolled back; null: it stays. */
  confirm?: number | null
  /** Whether a failure is rolled back; default true. */
  rollback?: boolean
  /** Whether the plan has to succeed in a copy of the host first. */
  rehearse?: boolean
  /** Whether an apply that breaks expectations of its file is a failure. */
  verify?: boolean
  /**
   * Asked before the first change; false: nothing is changed. The lock is held meanwhile. What it throws is passed on.
   * Absent: the plan is approved.
   */
  approve?(plan: Plan, snapshot: Snapshot): boolean | Promise<boolean>
  /** Aborted, with the name of a signal as reason, to finish the command in hand and roll back. */
  signal?: AbortSignal
  /** The plan that was shown: the one made now has to be the same. */
  saved?: SavedPlan
  /** Where the topology's text comes from, for the records. */
  origin?: Origin
  /** Interfaces that `default` last stood for, for a host that has no default route at the moment. */
  lastUplinks?: string[]
}

export type ApplyOptions = HostOptions & ApplySettings & LockOptions

/**
 * Makes the host as a topology declares it: reads, plans, applies, reads back, and verifies that a second plan is empty. A
 * failure is rolled back. Throws where the host cannot be read: CommandFailed, MissingTool, NotPermitted.
 */
export async function apply(topology: Topology, options: ApplyOptions = {}): Promise<ApplyOutcome> {
  const access = completeAccess(options)
  return whileLocked(access, options, () => applyUnderLock(topology, options, access))
}

/** The same for a caller that holds the lock. */
export async function applyUnderLock(
  topology: Topology,
  settings: ApplySettings,
  access: HostAccess,
): Promise<ApplyOutcome> {
  const startedAt = performance.now()
  const { name } = topology
  const pending = refusalWhilePending(name)
  if (pending) return pending
  const read = (earlier?: Earlier) =>
    readFor({ name, topologies: [topology], earlier, allRoutes: settings.verify === true }, access)
  const declared = (now: Snapshot) => withUplinksOf(settings.lastUplinks ?? [], topology, now)
  const replan = (now: Snapshot) => planTopology(declared(now), now)
  const snapshot = await read()
  const plan = replan(snapshot)
  const outdated = settings.saved && outdatedBy(settings.saved, { plan, topology, snapshot })
  if (outdated) return outdated
  if (plan.findings.some(refuses)) return { kind: 'conflict', topology: name, plan }
  access.onProgress({ kind: 'planned', plan })
  const demand = settings.verify ? await demandExpectations(topology, snapshot, access) : null
  const recordAt = (now: Snapshot) =>
    recordOf(declared(now), { plan, origin: settings.origin ?? {}, ms: performance.now() - startedAt }, now)
  if (plan.changes.length === 0) {
    const broken = (await demand?.(snapshot)) ?? []
    if (broken.length > 0) return { kind: 'unexpected', topology: name, plan, broken }
    noteUnchanged(recordAt(snapshot))
    settleClaims(snapshot.claims, withClaimsSettled(plan, snapshot).claims)
    removeJournal(name)
    return { kind: 'unchanged', topology: name, plan }
  }
  if (settings.rehearse) {
    const { failures, missing } = await rehearse({ topology, plan, snapshot }, access)
    access.onProgress({ kind: 'rehearsed', topology: name, failures, missing })
    if (failures.length > 0) return { kind: 'rehearsalFailed', topology: name, plan, failures }
  }
  if (settings.approve && !(await settings.approve(plan, snapshot)))
    return { kind: 'declined', topology: name, plan }
  const { confirm = null, rollback = true, signal } = settings
  let until: string | null = null
  const record = async (now: Snapshot, journal: Journal) => {
    const broken = (await demand?.(now)) ?? []
    if (broken.length > 0) throw new ExpectationsBroken(name, broken)
    if (confirm === null) writeApplied(recordAt(now))
    else until = waitForConfirmation(journal, confirm, recordAt(now))
  }
  const before = observedState(snapshot, name)
  const failed = await transact(
    { plan, snapshot, before, read, replan, confirm, rollback, record, signal },
    access,
  )
  if (failed) return failed
  const confirmation = confirm === null || until === null ? null : { seconds: confirm, until }
  return { kind: 'applied', topology: name, plan, confirmation }
}

/** Another text may declare the same, and the same text may come from elsewhere. */
function noteUnchanged(entry: Applied): void {
  const last = readApplied(entry.topology)
  if (last?.sha256 !== entry.sha256 || last.directory !== entry.directory) writeApplied(entry)
}

/** The time to confirm counts from the end of the apply: the journal on disk gets that deadline. */
function waitForConfirmation(journal: Journal, seconds: number, applied: Applied): string {
  const waiting = { ...confirmationIn(seconds), applied }
  writeJournal({ ...journal, confirm: waiting })
  return waiting.until
}
