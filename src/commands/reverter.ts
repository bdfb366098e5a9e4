import { setTimeout as sleep } from 'node:timers/promises'
import { takeLock } from '../kernel/lock.ts'
import { type Confirmation, type Journal, readJournal } from '../kernel/records.ts'
import { uptime } from '../kernel/uptime.ts'
import { takeBack } from './confirm.ts'
import type { Context } from './context.ts'

export function confirmationIn(seconds: number): Confirmation {
  return {
    seconds,
    deadline: uptime() + seconds,
    until: new Date(Date.now() + seconds * 1000).toISOString(),
    applied: null,
  }
}

/** Starts the process that takes an apply back when its time is over; it lives on whatever becomes of this one. */
export async function startReverter(
  { topology, startedAt }: Journal,
  { detach, self, environment }: Context,
): Promise<void> {
  // Where tools are found, and nothing else: it lives on after whoever set the rest.
  const { PATH } = environment
  await detach([...self, 'revert', topology, startedAt], PATH === undefined ? {} : { PATH })
}

const POLL = 500
const TRIES = 20
const LOCK_WAIT = 3600

/**
 * The reverter: waits until the apply that was begun at `startedAt` is confirmed, taken back, or over its time, and then
 * takes it back, again and again until that has worked.
 */
export async function revert(topology: string, startedAt: string, context: Context): Promise<number> {
  context.write('ready\n')
  const pending = () => {
    const journal = readJournal(topology)
    return journal?.startedAt === startedAt ? journal.confirm : null
  }
  for (;;) {
    const confirm = pending()
    if (confirm === null) return 0
    if (uptime() >= confirm.deadline) break
    await sleep(POLL)
  }
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const unlock = await takeLock(context.hold, LOCK_WAIT)
    try {
      // Confirmed while this was waiting for the lock, or given more time.
      const confirm = pending()
      if (confirm === null) return 0
      if (uptime() >= confirm.deadline && (await takeBack(topology, context)) === null) return 0
    } catch {
      // Tried again: nobody may be there to be told.
    } finally {
      await unlock()
    }
    await sleep(POLL * attempt)
  }
  return 4
}
