import { Locked, takeLock } from '../../kernel/lock.ts'
import { readSuspensions } from '../../kernel/watch-records.ts'
import type { Change } from '../../model/plan.ts'
import { applyTopology } from '../apply.ts'
import type { Context, HostOptions } from '../context.ts'
import { destroyOne } from '../destroy.ts'
import { hindrance, judge, type Memory, type Seen, settled } from './look.ts'

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
  const unasked = { ...context, ask: null, catchSignals: () => ({ signal, stop() {} }) }
  const changing = { ...options, yes: true, lockTimeout: 0 }
  try {
    if (hindrance(name, { suspensions: readSuspensions(), memory })) return null
    if (version === null) {
      await destroyOne({ name }, changing, unasked)
      return { changes: [], ms: performance.now() - started }
    }
    const { topology, text, file, commit } = version
    const plan = await applyTopology(
      {
        topology,
        text,
        file,
        unasked: {
          settled: (declared, now) => settled(declared, now, memory),
          judge: (made, now) => judge(made, now, version, memory),
        },
        origin: { directory: source, ...(commit === null ? {} : { commit }) },
      },
      { ...changing, accept: [], rehearse: false, verify: false, rollback: true },
      unasked,
    )
    return { changes: plan.changes, ms: performance.now() - started }
  } finally {
    await unlock()
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
