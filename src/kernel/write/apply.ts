import { type Batch, type Plan, STAGES, type Step } from '../../model/plan/plan.ts'
import { applyPhases, type Means } from './phases.ts'
import { asOne, type StepFailed } from './step-failed.ts'

/** Called before each step: how many are done, how many there are, and which comes now. */
export type Progress = (done: number, total: number, step: Step) => void

/**
 * Sends a plan's steps to the kernel, stage by stage, up to the first failure. Throws StepFailed with the change that the
 * failing command was for, or Interrupted; what was under way is then finished, and nothing else is begun.
 */
export async function applyPlan(
  means: Means,
  { topology, steps }: Plan,
  progress: Progress,
  interrupt: AbortSignal,
): Promise<void> {
  const stages = STAGES.map(stage => steps.filter(step => step.stage === stage))
  const manner = { topology, onFailure: 'stop', progress, interrupt } as const
  const [first, ...more] = await applyPhases(means, stages, manner)
  if (first) throw asOne(first, more)
}

/** Makes an empty host like another one, as far as the commands of a replay succeed. Returns the failures. */
export async function applyReplay(means: Means, phases: Batch[][]): Promise<StepFailed[]> {
  const never = new AbortController().signal
  const manner = { topology: '', onFailure: 'collect', progress: () => {}, interrupt: never } as const
  return applyPhases(means, phases, manner)
}
