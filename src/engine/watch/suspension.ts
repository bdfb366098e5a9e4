import { readSuspensions, watchedTopologies, writeSuspensions } from '../../kernel/records/watch-records.ts'
import type { LockedOut } from '../../model/plan/outcome.ts'
import type { Suspensions } from '../../model/plan/watch.ts'
import { completeAccess, type HostOptions } from '../host/access.ts'
import { type LockOptions, whileLocked } from '../host/lock.ts'

export type SuspensionOptions = HostOptions & LockOptions

export type SuspendOutcome =
  /** `isWatched`: whether a watcher has the topology; true for all topologies. */
  { kind: 'suspended'; topology: string | null; isWatched: boolean } | LockedOut

export type ResumeOutcome =
  /** `before`: what was suspended until now. */
  { kind: 'resumed'; topology: string | null; before: Suspensions } | LockedOut

/**
 * Lets watchers observe but not repair, until `resume` or the next boot. A repair that is under way is finished first.
 *
 * @param topology null: all of them
 * @param by who asks for it, for people
 */
export async function suspend(
  topology: string | null,
  by: string,
  options: SuspensionOptions = {},
): Promise<SuspendOutcome> {
  const suspension = { since: new Date().toISOString(), by }
  const changed = await change(options, ({ everything, topologies }) =>
    topology === null
      ? { everything: everything ?? suspension, topologies }
      : { everything, topologies: { ...topologies, [topology]: topologies[topology] ?? suspension } },
  )
  if ('kind' in changed) return changed
  const isWatched = topology === null || watchedTopologies().includes(topology)
  return { kind: 'suspended', topology, isWatched }
}

/**
 * Lets watchers repair again.
 *
 * @param topology null: all of them
 */
export async function resume(
  topology: string | null,
  options: SuspensionOptions = {},
): Promise<ResumeOutcome> {
  const before = await change(options, ({ everything, topologies }) => {
    if (topology === null) return { everything: null, topologies: {} }
    const { [topology]: _, ...others } = topologies
    return { everything, topologies: others }
  })
  return 'kind' in before ? before : { kind: 'resumed', topology, before }
}

/** Returns what was suspended before. */
function change(
  options: SuspensionOptions,
  to: (before: Suspensions) => Suspensions,
): Promise<Suspensions | LockedOut> {
  return whileLocked(completeAccess(options), options, async () => {
    const before = readSuspensions()
    writeSuspensions(to(before))
    return before
  })
}
