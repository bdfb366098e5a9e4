import { journalHead } from '../engine/read-host.ts'
import type { Earlier } from '../kernel/earlier.ts'
import { Interrupted } from '../kernel/interrupted.ts'
import {
  type Journal,
  type KeptRecord,
  keepApplied,
  readJournal,
  removeJournal,
  writeJournal,
} from '../kernel/records.ts'
import type { Plan } from '../model/plan.ts'
import type { State } from '../model/resource.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { touchedNamespaces } from '../planner/touched.ts'
import { renderPlan } from '../render/plan.ts'
import { carryOut, NotConverged } from './carry-out.ts'
import { type Context, type HostOptions, Refused } from './context.ts'
import { messageOf } from './message.ts'
import { confirmationIn, startReverter } from './reverter.ts'
import { createdBy, undo } from './undo.ts'

export interface Convergence<Outcome> {
  plan: Plan
  /** The host that the plan is for. */
  snapshot: Snapshot
  /** What there is of the topology now, to go back to. */
  before: State
  /** Reads the live host again: all of it, or what a plan has touched. */
  read(earlier?: Earlier): Promise<Snapshot>
  /** The plan from there on: empty when all is as it should be. */
  again(snapshot: Snapshot): Plan
  iptables: HostOptions['iptables']
  reader: HostOptions['reader']
  /** Seconds within which it has to be confirmed, or null. */
  confirm: number | null
  /** Whether what fails is taken back. */
  rollback: boolean
  /** Puts on record what was done, once it is proven; what fails there is a failure like any other. */
  record(snapshot: Snapshot, journal: Journal): Outcome | Promise<Outcome>
}

/**
 * Carries out a plan: on disk before the first change, read back after the last, and taken back when anything fails.
 * Returns what `record` returns. Throws Refused with exit code 3 when it was rolled back, 4 when that was incomplete or
 * not wanted, 128+n after a signal.
 */
export async function converge<Outcome>(work: Convergence<Outcome>, context: Context): Promise<Outcome> {
  const { plan } = work
  const { signal, stop } = context.catchSignals()
  const interrupted = readJournal(plan.topology)
  const kept = keepApplied(plan.topology)
  const journal = journalOf(work, interrupted, context.pid)
  try {
    writeJournal(journal)
    if (journal.confirm) await startReverter(journal, context)
    // Where nothing was written there is nothing to prove; an edit in a thousand namespaces enters one of them.
    const touched = touchedNamespaces(plan)
    const earlier = { snapshot: work.snapshot, touched, journal: journalHead(journal) }
    const read = () => work.read(earlier)
    // Exit code 0 means: read back, and a second plan is empty.
    const snapshot = await carryOut(plan, { read, again: work.again, reader: work.reader }, context, signal)
    const outcome = await work.record(snapshot, journal)
    if (!journal.confirm) removeJournal(plan.topology)
    return outcome
  } catch (error) {
    sayWhy(error, context)
    if (!work.rollback) return await leaveAsItIs(work, context)
    return await rollBack(work, error, { journal, interrupted, kept }, context)
  } finally {
    kept.letGo()
    stop()
  }
}

function sayWhy(cause: unknown, context: Context): void {
  context.say(`nsctl: ${messageOf(cause)}\n`)
  if (cause instanceof NotConverged) context.say(renderPlan(cause.left, context.errorColors))
}

/**
 * What was done stays, for somebody to look at. So does the journal: it vouches for what bears no mark yet, the next
 * apply goes on from it, and `rollback` goes back by it.
 */
async function leaveAsItIs({ plan, read, again }: Convergence<unknown>, context: Context): Promise<never> {
  const { topology } = plan
  const left = await read().then(
    snapshot => renderPlan(again(snapshot), context.errorColors),
    error => `what is left cannot be read: ${messageOf(error)}\n`,
  )
  context.say(`nsctl: nothing is taken back; this is left to do:\n${left}`)
  throw new Refused(
    `${topology}: apply failed, and what it did stays; apply again to go on, or nsctl rollback ${topology}`,
    4,
  )
}

interface Records {
  journal: Journal
  /** Of one before it that was cut off. */
  interrupted: Journal | null
  /** Of the last apply. */
  kept: KeptRecord
}

async function rollBack(
  work: Convergence<unknown>,
  cause: unknown,
  records: Records,
  context: Context,
): Promise<never> {
  const { plan, before, reader } = work
  context.say(`nsctl: rolling ${plan.topology} back\n`)
  const left = await undo(records.journal, before, { read: () => work.read(), reader }, context)
  if (left !== null) {
    const what = typeof left === 'string' ? `${left}\n` : renderPlan(left, context.errorColors)
    context.say(`nsctl: could not take everything back; this is left to do:\n${what}`)
    throw new Refused(
      `${plan.topology}: apply failed and the rollback was incomplete; mend the cause, then apply again`,
      4,
    )
  }
  await restoreRecords(plan.topology, records, context)
  if (cause instanceof Interrupted)
    throw new Refused(`${plan.topology}: interrupted; everything was rolled back`, signalCode(cause))
  throw new Refused(`${plan.topology}: apply failed; everything was rolled back`, 3)
}

/** The host is as it was: records that cannot be put back do not make that untrue. */
async function restoreRecords(topology: string, records: Records, context: Context): Promise<void> {
  const { interrupted, kept } = records
  try {
    kept.putBack()
    // Back where an earlier one had broken off: only its journal vouches for what it could not mark.
    if (interrupted) writeJournal(interrupted)
    else removeJournal(topology)
    if (interrupted?.confirm) await startReverter(interrupted, context)
  } catch (error) {
    context.say(`nsctl: the records of ${topology} are not as before: ${messageOf(error)}\n`)
  }
}

/** What an earlier one that broke off has made and not marked is still to be vouched for. */
function journalOf(
  { plan, before, iptables, confirm }: Convergence<unknown>,
  interrupted: Journal | null,
  pid: number,
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

function signalCode({ signal }: Interrupted): number {
  return { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 }[signal as string] ?? 130
}
