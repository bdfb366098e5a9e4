import { type Plan, STAGES, type Step } from '../model/plan.ts'
import { executeStep, StepFailed } from './execute.ts'
import type { Run } from './run.ts'

/** Told before each step: how many are done, how many there are, and which comes now. */
export type Progress = (done: number, total: number, step: Step) => void

/** An interrupt came; the command in hand was finished. */
export class Interrupted extends Error {
  readonly signal: NodeJS.Signals

  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`)
    this.name = 'Interrupted'
    this.signal = signal
  }
}

const LANES = 2

/**
 * Sends a plan's steps to the kernel, stage by stage; steps of one stage run side by side. Throws StepFailed with the
 * change that the failing command was for, or Interrupted; what was under way is then finished, nothing is begun.
 */
export async function applyPlan(
  run: Run,
  plan: Plan,
  progress: Progress,
  interrupt: AbortSignal,
): Promise<void> {
  let done = 0
  for (const stage of STAGES) {
    const waiting = plan.steps.filter(step => step.stage === stage)
    const failures: unknown[] = []
    const lane = async () => {
      for (let step = waiting.shift(); step && failures.length === 0; step = waiting.shift()) {
        if (interrupt.aborted) throw new Interrupted(interrupt.reason)
        progress(done++, plan.steps.length, step)
        await executeStep(run, plan.topology, step)
      }
    }
    const lanes = Array.from({ length: LANES }, () => lane().catch(error => failures.push(error)))
    await Promise.all(lanes)
    const worst = failures.find(error => error instanceof StepFailed) ?? failures[0]
    if (worst !== undefined) throw worst
  }
}
