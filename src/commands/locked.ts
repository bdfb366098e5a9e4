import { takeLock } from '../kernel/lock.ts'
import type { Context } from './context.ts'

/** Does something while no other nsctl changes the host; throws Locked where that lasts longer than the timeout, in seconds. */
export async function whileLocked<T>(
  { hold }: Pick<Context, 'hold'>,
  timeout: number,
  act: () => Promise<T>,
): Promise<T> {
  const unlock = await takeLock(hold, timeout)
  try {
    return await act()
  } finally {
    await unlock()
  }
}
