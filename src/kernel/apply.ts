import { setImmediate as nextTurn } from 'node:timers/promises'
import { Interrupted } from '../model/interrupted.ts'
import { type Plan, STAGES, type Step } from '../model/plan.ts'
import { executeStep } from './execute.ts'
import { executeBatches, isNamespaceBatch } from './execute-batches.ts'
import { type Libc, libcFor, type NetlinkChoice } from './netlink/libc.ts'
import { writeByNetlink } from './netlink/write.ts'
import type { Run } from './run.ts'
import { StepFailed } from './step-failed.ts'

/** Told before each step: how many are done, how many there are, and which comes now. */
export type Progress = (done: number, total: number, step: Step) => void

/** What a plan is carried out with. */
export interface Means extends NetlinkChoice {
  run: Run
}

const LANES = 2

/**
 * Sends a plan's steps to the kernel, stage by stage; steps of one stage run side by side. Throws StepFailed with the
 * change that the failing command was for, or Interrupted; what was under way is then finished, nothing is begun.
 */
export async function applyPlan(
  means: Means,
  plan: Plan,
  progress: Progress,
  interrupt: AbortSignal,
): Promise<void> {
  const libc = libcFor(means, plan.steps.filter(isNamespaceBatch).length)
  let done = 0
  for (const stage of STAGES) {
    const waiting = jobsOf(plan.steps.filter(step => step.stage === stage))
    const failures: unknown[] = []
    const lane = async () => {
      for (let job = waiting.shift(); job && failures.length === 0; job = waiting.shift()) {
        if (interrupt.aborted) throw new Interrupted(interrupt.reason)
        const [first] = job
        if (!first) continue
        progress(done, plan.steps.length, first)
        done += job.length
        await carryOutJob(means.run, libc, plan.topology, job)
      }
    }
    const lanes = Array.from({ length: LANES }, () => lane().catch(error => failures.push(error)))
    await Promise.all(lanes)
    const worst = failures.find(error => error instanceof StepFailed) ?? failures[0]
    if (worst !== undefined) throw worst
  }
}

async function carryOutJob(run: Run, libc: Libc | null, topology: string, job: Step[]): Promise<void> {
  // A signal that came meanwhile is seen between two jobs.
  await nextTurn()
  const left = libc !== null && job.every(isNamespaceBatch) ? writeByNetlink(libc, job) : job
  const [first] = left
  if (first) await (left.length > 1 ? executeBatches(run, left) : executeStep(run, topology, first))
}

/** An interrupt waits for a job in hand, and a failure is told when it has ended: so they are not endless. */
const JOB = 64

/** What is done in one go: a step, or the batches of several namespaces. */
function jobsOf(steps: Step[]): Step[][] {
  const together = steps.filter(isNamespaceBatch)
  const size = Math.max(1, Math.min(JOB, Math.ceil(together.length / LANES)))
  const alone = steps.filter(step => !isNamespaceBatch(step)).map(step => [step])
  const count = Math.ceil(together.length / size)
  return [...alone, ...Array.from({ length: count }, (_, i) => together.slice(i * size, (i + 1) * size))]
}
