import { applyPlan, Interrupted } from '../kernel/apply.ts'
import { type Journal, removeJournal, writeJournal } from '../kernel/records.ts'
import type { Plan } from '../model/plan.ts'
import type { State } from '../model/resource.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { planRollback } from '../planner/plan.ts'
import { renderPlan } from '../render/plan.ts'
import { type Context, Refused } from './context.ts'

export interface Convergence {
  plan: Plan
  /** What there is of the topology now, to go back to. */
  before: State
  /** Reads the live host again. */
  read(): Promise<Snapshot>
  /** The plan from there on: empty when all is as it should be. */
  again(snapshot: Snapshot): Plan
}

/**
 * Carries out a plan: on disk before the first change, read back after the last, and taken back when anything fails.
 * Returns the host as it was read back. Throws Refused with exit code 3 when it was rolled back, 4 when that was incomplete, 128+n after a signal.
 */
export async function converge(work: Convergence, context: Context): Promise<Snapshot> {
  const { plan, before } = work
  const { signal, stop } = context.catchSignals()
  try {
    writeJournal(journalOf(plan, before, context.pid))
    await applyPlan(context.run, plan, context.progress, signal)
    const verified = await verify(work)
    // Told to stop while reading back: what was said then has to hold.
    if (signal.aborted) throw new Interrupted(signal.reason)
    removeJournal(plan.topology)
    return verified
  } catch (error) {
    return await rollBack(work, error, context)
  } finally {
    stop()
  }
}

/** Exit code 0 means: read back, and a second plan is empty. */
async function verify({ read, again }: Convergence): Promise<Snapshot> {
  const snapshot = await read()
  const left = again(snapshot)
  if (left.changes.length > 0) throw new NotConverged(left)
  return snapshot
}

class NotConverged extends Error {
  readonly left: Plan

  constructor(left: Plan) {
    super('the commands succeeded, but the host is not as planned')
    this.name = 'NotConverged'
    this.left = left
  }
}

async function rollBack(work: Convergence, cause: unknown, context: Context): Promise<never> {
  const { plan } = work
  context.say(`nsctl: ${messageOf(cause)}\n`)
  if (cause instanceof NotConverged) context.say(renderPlan(cause.left, context.errorColors))
  context.say(`nsctl: rolling ${plan.topology} back\n`)
  const left = await undo(work, context)
  if (left !== null) {
    const what = typeof left === 'string' ? `${left}\n` : renderPlan(left, context.errorColors)
    context.say(`nsctl: could not take everything back; this is left to do:\n${what}`)
    throw new Refused(
      `${plan.topology}: apply failed and the rollback was incomplete; mend the cause, then apply again`,
      4,
    )
  }
  removeJournal(plan.topology)
  if (cause instanceof Interrupted)
    throw new Refused(`${plan.topology}: interrupted; everything was rolled back`, signalCode(cause))
  throw new Refused(`${plan.topology}: apply failed; everything was rolled back`, 3)
}

/** Goes back to the state before; returns what is left of the way, or null when all of it is done. */
async function undo({ plan, before, read }: Convergence, context: Context): Promise<Plan | string | null> {
  try {
    const back = planRollback(plan, before, await read())
    await applyPlan(context.run, back, context.progress, new AbortController().signal)
    const left = planRollback(plan, before, await read())
    return left.changes.length === 0 ? null : left
  } catch (error) {
    context.say(`nsctl: ${messageOf(error)}\n`)
  }
  try {
    const left = planRollback(plan, before, await read())
    return left.changes.length === 0 ? null : left
  } catch (error) {
    return `what is left cannot be read: ${messageOf(error)}`
  }
}

function journalOf(plan: Plan, before: State, pid: number): Journal {
  return {
    topology: plan.topology,
    pid,
    startedAt: new Date().toISOString(),
    creates: plan.changes.filter(({ action }) => action === 'create').map(({ id }) => id),
    plan,
    before: [...before.values()],
  }
}

function signalCode({ signal }: Interrupted): number {
  return { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 }[signal as string] ?? 130
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
