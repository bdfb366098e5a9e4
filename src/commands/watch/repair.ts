import { type ApplySettings, applyUnderLock } from '../../engine/apply.ts'
import { destroyUnderLock } from '../../engine/destroy.ts'
import { Locked, takeLock } from '../../kernel/lock.ts'
import { readSuspensions } from '../../kernel/watch-records.ts'
import type { ApplyOutcome, DestroyOutcome } from '../../model/outcome.ts'
import type { Change } from '../../model/plan.ts'
import { renderOutcome } from '../../render/outcome.ts'
import type { Version } from '../../watch/source.ts'
import { type Context, type HostOptions, Refused } from '../context.ts'
import { hostFor, sayFindings } from '../host.ts'
import { hindrance, judge, type Memory, type Seen } from './look.ts'

export interface Repaired {
  /** What was changed; other than what was seen when somebody else was faster, or slower. */
  changes: Change[]
  /** Milliseconds, without the wait for the lock. */
  ms: number
}

export interface Circumstances {
  options: HostOptions
  memory: Memory
  /** As records know it. */
  source: string
  /** Aborted when nsctl is told to stop. */
  signal: AbortSignal
  /** Told who holds the lock, now and then, while it is waited for. */
  waiting(why: string): void
}

/** In seconds: then the log says whom nsctl waits for. */
const LOCK_WAIT = 5

/**
 * Carries out what was seen to be missing, under the lock. Null where it must not any more: whoever suspends repairs, or
 * begins an apply that waits for confirmation, has held the lock meanwhile. Throws Refused when it failed.
 */
export async function repair(
  { look: { name }, version }: Seen,
  { options, memory, source, signal, waiting }: Circumstances,
  context: Context,
): Promise<Repaired | null> {
  const unlock = await lock(context, signal, waiting)
  const started = performance.now()
  try {
    if (hindrance(name, { suspensions: readSuspensions(), memory })) return null
    const host = { ...hostFor({ ...context, catchSignals: () => ({ signal, stop() {} }) }, options), signal }
    const outcome =
      version === null
        ? await destroyUnderLock(name, { signal }, host)
        : await applyUnderLock(version.topology, settingsOf(version, source, memory, signal), host)
    return { changes: changesOf(outcome, context), ms: performance.now() - started }
  } finally {
    await unlock()
  }
}

function settingsOf(version: Version, directory: string, memory: Memory, signal: AbortSignal): ApplySettings {
  return {
    signal,
    lastUplinks: memory.uplinks,
    origin: { directory, by: 'watch', ...(version.commit === null ? {} : { commit: version.commit }) },
    approve: (plan, snapshot) => {
      judge(plan, snapshot, version, memory)
      return true
    },
  }
}

/** Throws Refused where the host is not as it should be. */
function changesOf(outcome: ApplyOutcome | DestroyOutcome, context: Context): Change[] {
  switch (outcome.kind) {
    case 'applied':
    case 'destroyed':
    case 'unchanged':
      return outcome.plan.changes
    case 'absent':
      return []
    default:
      if (outcome.kind === 'conflict') sayFindings(outcome.plan, context)
      throw new Refused(
        renderOutcome(outcome, context.errorColors)
          .replace(/^nsctl: /, '')
          .trimEnd(),
      )
  }
}

async function lock(context: Context, signal: AbortSignal, waiting: (why: string) => void) {
  for (;;) {
    try {
      return await takeLock(context.hold, LOCK_WAIT)
    } catch (error) {
      if (!(error instanceof Locked) || signal.aborted) throw error
      waiting(error.message)
    }
  }
}
