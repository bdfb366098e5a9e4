import { Locked, takeLock } from '../../kernel/records/lock.ts'
import type { LockedOut } from '../../model/plan/outcome.ts'
import type { HostAccess } from './access.ts'

/** Seconds to wait for another nsctl, where the caller does not say. */
const LOCK_TIMEOUT = 10

export interface LockOptions {
  /** Seconds to wait for another nsctl; default 10. */
  lockTimeout?: number
}

/** Takes the host-wide lock; returns what releases it, or who holds it. */
export async function lock(
  { hold }: Pick<HostAccess, 'hold'>,
  { lockTimeout = LOCK_TIMEOUT }: LockOptions,
): Promise<(() => Promise<void>) | LockedOut> {
  try {
    return await takeLock(hold, lockTimeout)
  } catch (error) {
    if (!(error instanceof Locked)) throw error
    return { kind: 'locked', holder: error.holder }
  }
}

/** Does something while no other nsctl changes the host. */
export async function whileLocked<T>(
  access: Pick<HostAccess, 'hold'>,
  options: LockOptions,
  act: () => Promise<T>,
): Promise<T | LockedOut> {
  const unlock = await lock(access, options)
  if (typeof unlock !== 'function') return unlock
  try {
    return await act()
  } finally {
    await unlock()
  }
}
