import type { Earlier } from '../../kernel/read/earlier.ts'
import {
  type Journal,
  type KeptRecord,
  keepApplied,
  readJournal,
  removeJournal,
  writeJournal,
} from '../../kernel/records/records.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { Failed, Failure, Leftover } from '../../model/plan/outcome.ts'
import type { Plan } from '../../model/plan/plan.ts'
import type { State } from '../../model/plan/resource.ts'
import { messageOf } from '../../model/text/escape.ts'
import { touchedNamespaces } from '../../planner/steps/touched-namespaces.ts'
import { blindSpotOf } from '../../planner/unreadable.ts'
import type { HostAccess } from '../host/access.ts'
import { failureOf } from '../host/failure.ts'
import { journalHead } from '../host/read-host.ts'
import { applyAndVerify, type Verification } from './apply-and-verify.ts'
import { confirmationIn, startReverter } from './confirm-timer.ts'
import { createdBy, rollBack } from './rollback.ts'

/** A plan with all that it takes to apply it, verify it, and go back. */
export interface Transaction extends Verification {
  plan: Plan
  /** The host that the plan was made for. */
  snapshot: Snapshot
  /** What there is of the topology now, to go back to. */
  before: State
  /** Seconds within which it has to be confirmed, or null. */
  confirm: number | null
  /** Whether a failure is rolled back. */
  rollback: boolean
  /** Records what was done, once it is verified; what it throws is a failure like any other. */
  record(snapshot: Snapshot, journal: Journal): void | Promise<void>
  /** Aborted, with the signal's name as reason, to finish the command in hand and roll back. */
  signal: AbortSignal | undefined
}

/**
 * Applies a plan: its journal is on disk before the first change, the host is read back after the last, and whatever
 * fails is rolled back. Returns null when all of it is done.
 */
export async function transact(transaction: Transaction, access: HostAccess): Promise<Failed | null> {
  const { plan } = transaction
  const { topology } = plan
  access.onProgress({ kind: 'started', topology })
  const interrupted = readJournal(topology)
  const kept = keepApplied(topology)
  const journal = journalOf(transaction, interrupted, access)
  try {
    writeJournal(journal)
    if (journal.confirm) await startReverter(journal, access)
    const snapshot = await applyAndVerify(
      plan,
      verificationOf(transaction, journal),
      access,
      transaction.signal,
    )
    await transaction.record(snapshot, journal)
    if (!journal.confirm) removeJournal(topology)
    return null
  } catch (error) {
    const failure = failureOf(error)
    access.onProgress({ kind: 'failed', failure })
    if (!transaction.rollback) return await stop(transaction, failure)
    return await goBack(transaction, failure, { journal, interrupted, kept }, access)
  } finally {
    kept.letGo()
    access.onProgress({ kind: 'finished', topology })
  }
}

/** Where nothing was written there is nothing to verify: an edit among a thousand namespaces enters one of them again. */
function verificationOf({ plan, snapshot, read, replan }: Transaction, journal: Journal): Verification {
  const earlier: Earlier = { snapshot, touched: touchedNamespaces(plan), journal: journalHead(journal) }
  return { read: () => read(earlier), replan }
}

/**
 * Leaves the host as it is, for people to look at. The journal stays as well: it vouches for objects without a mark, the
 * next apply goes on from it, and a rollback goes back by it.
 */
async function stop({ plan, read, replan }: Transaction, failure: Failure): Promise<Failed> {
  const left: Leftover = await read().then(
    snapshot => leftoverOf(replan(snapshot)),
    error => ({ kind: 'unknown', why: messageOf(error) }),
  )
  return { kind: 'partial', topology: plan.topology, plan, failure, left }
}

function leftoverOf(plan: Plan): Leftover {
  const blind = blindSpotOf(plan)
  return blind === null ? { kind: 'plan', plan } : { kind: 'unknown', why: blind }
}

interface Restorable {
  journal: Journal
  /** The journal of an apply before this one that was cut off. */
  interrupted: Journal | null
  /** The record of the last apply. */
  kept: KeptRecord
}

async function goBack(
  { plan, before, read }: Transaction,
  failure: Failure,
  records: Restorable,
  access: HostAccess,
): Promise<Failed> {
  const { topology } = plan
  access.onProgress({ kind: 'rollingBack', topology })
  const left = await rollBack(records.journal, before, () => read(), access)
  if (left !== null) return { kind: 'incomplete', topology, plan, failure, left }
  await restoreRecords(topology, records, access)
  return { kind: 'rolledBack', topology, plan, failure }
}

/** The host is as it was; records that cannot be restored do not change that. */
async function restoreRecords(topology: string, records: Restorable, access: HostAccess): Promise<void> {
  const { interrupted, kept } = records
  try {
    kept.putBack()
    // Only its journal vouches for what the interrupted apply could not mark.
    if (interrupted) writeJournal(interrupted)
    else removeJournal(topology)
    if (interrupted?.confirm) await startReverter(interrupted, access)
  } catch (error) {
    access.onProgress({ kind: 'recordsNotRestored', topology, why: messageOf(error) })
  }
}

/** Objects that an interrupted apply created and did not mark still need a journal that vouches for them. */
function journalOf(
  { plan, before, confirm }: Transaction,
  interrupted: Journal | null,
  { pid, iptables }: HostAccess,
): Journal {
  return {
    topology: plan.topology,
    pid,
    startedAt: new Date().toISOString(),
    creates: [...(interrupted?.creates ?? []), ...createdBy(plan)],
    iptables,
    touches: plan.changes.map(({ id }) => id),
    before: [...before.values()],
    confirm: confirm === null ? null : confirmationIn(confirm),
  }
}
