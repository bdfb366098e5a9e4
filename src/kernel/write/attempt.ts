import type { Batch } from '../../model/plan/plan.ts'
import { CommandFailed } from '../process/run.ts'
import { StepFailed } from './step-failed.ts'

/** What to do when a command fails: nothing more, or everything else. */
export type OnFailure = 'stop' | 'collect'

/** How a tool failed; null where it succeeded. Throws what is not the tool's failure. */
export async function failureOf(running: Promise<unknown>): Promise<CommandFailed | null> {
  try {
    await running
    return null
  } catch (error) {
    if (error instanceof CommandFailed) return error
    throw error
  }
}

/** Runs a function for each command; what it throws is that command's failure. */
export async function attemptEach<Item>(
  items: Item[],
  { changes }: Batch,
  onFailure: OnFailure,
  nameOf: (item: Item) => string,
  act: (item: Item) => void | Promise<void>,
): Promise<StepFailed[]> {
  const failures: StepFailed[] = []
  for (const [i, item] of items.entries()) {
    if (onFailure === 'stop' && failures.length > 0) break
    try {
      await act(item)
    } catch (error) {
      failures.push(new StepFailed(changes[i] ?? null, nameOf(item), (error as Error).message))
    }
  }
  return failures
}
