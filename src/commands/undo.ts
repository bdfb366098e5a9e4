import { applyPlan } from '../kernel/apply.ts'
import { escapeLines } from '../model/escape.ts'
import type { Plan } from '../model/plan.ts'
import type { State } from '../model/resource.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { planRollback } from '../planner/plan.ts'
import type { Context } from './context.ts'

/**
 * Goes back to the state that there was before a plan; returns what is left of the way, or why that cannot be told, and
 * null when all of it is done. There is no recorded list of inverse commands: it is a plan like any other, from what is
 * there now, so that it does not matter how far the failed one had got.
 */
export async function undo(
  failed: Plan,
  before: State,
  read: () => Promise<Snapshot>,
  context: Context,
): Promise<Plan | string | null> {
  const remaining = async () => planRollback(failed, before, await read())
  try {
    await applyPlan(context.run, await remaining(), context.progress, new AbortController().signal)
  } catch (error) {
    context.say(`nsctl: ${messageOf(error)}\n`)
  }
  try {
    const left = await remaining()
    return left.changes.length === 0 ? null : left
  } catch (error) {
    return `what is left cannot be read: ${messageOf(error)}`
  }
}

export function messageOf(error: unknown): string {
  return escapeLines(error instanceof Error ? error.message : String(error))
}
