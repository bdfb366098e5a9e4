import type { ApplyOutcome, DestroyOutcome } from '../../model/plan/outcome.ts'
import { completeAccess } from '../host/access.ts'
import type { DirectoryUnit } from '../host/directory.ts'
import { lock } from '../host/lock.ts'
import { type ApplyOptions, applyUnderLock } from './apply.ts'
import { destroyUnderLock, isGone } from './destroy.ts'

/**
 * Applies the topologies of a directory one after the other. Those without a file any more are destroyed first and make
 * room. Ends at the first that fails: what came before stays.
 */
export async function* applyDirectory(
  { topologies, removed, directory }: DirectoryUnit,
  options: Omit<ApplyOptions, 'saved' | 'origin'> = {},
): AsyncGenerator<ApplyOutcome | DestroyOutcome> {
  const access = completeAccess(options)
  const unlock = await lock(access, options)
  if (typeof unlock !== 'function') return yield unlock
  try {
    for (const name of removed) {
      const outcome = await destroyUnderLock(name, options, access)
      yield outcome
      if (!isGone(outcome)) return
    }
    for (const topology of topologies) {
      const outcome = await applyUnderLock(topology, { ...options, origin: { directory } }, access)
      yield outcome
      if (outcome.kind !== 'applied' && outcome.kind !== 'unchanged') return
    }
  } finally {
    await unlock()
  }
}
