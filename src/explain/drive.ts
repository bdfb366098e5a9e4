import type { NetworkStack } from '../model/host/network-stack.ts'
import type { WalkAnswer, Walking, WalkQuestion } from './world.ts'

/** Answers a walk's questions as they come. */
export async function drive<T>(
  walking: Walking<T>,
  answer: (question: WalkQuestion) => Promise<WalkAnswer>,
): Promise<T> {
  let step = walking.next()
  while (!step.done) step = walking.next(await answer(step.value))
  return step.value
}

/** The same of places that are all known, as those of a host that is only planned: no kernel can be asked there. */
export function settle<T>(walking: Walking<T>, places: (name: string) => NetworkStack | null): T {
  let step = walking.next()
  while (!step.done) step = walking.next(step.value.kind === 'place' ? places(step.value.name) : null)
  return step.value
}
