import { setTimeout as sleep } from 'node:timers/promises'
import { type Confirmation, type Journal, readJournal } from '../kernel/records.ts'
import { uptime } from '../kernel/uptime.ts'
import { takeBack } from './confirm.ts'
import type { Context } from './context.ts'
import { whileLocked } from './locked.ts'

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
const LOCK_WAIT = 3600
/** Between attempts, in milliseconds: each a second more than the one before, up to this. */
const LONGEST_PAUSE = 30_000

/**
 * The reverter: waits until the apply that was begun at `startedAt` is confirmed, taken back, or over its time, and then
 * takes it back. It does not give up: as long as the apply is pending, nobody else may be there who could do it.
 */
export async function revert(topology: string, startedAt: string, context: Context): Promise<number> {
  context.write('ready\n')
  const pending = () => {
    const journal = readJournal(topology)
    return journal?.startedAt === startedAt ? journal.confirm : null
  }
  for (let failures = 0; ; ) {
    try {
      const confirm = pending()
      if (confirm === null) return 0
      if (uptime() < confirm.deadline) await sleep(POLL)
      else if (await takeBackIfDue(topology, pending, context)) return 0
      else failures++
    } catch {
      // Nobody may be there to be told.
      failures++
    }
    if (failures > 0) await sleep(Math.min(failures * 1000, LONGEST_PAUSE))
  }
}

/** Returns whether it is over, one way or the other. */
async function takeBackIfDue(
  topology: string,
  pending: () => Confirmation | null,
  context: Context,
): Promise<boolean> {
  return whileLocked(context, LOCK_WAIT, async () => {
    // Confirmed while this was waiting for the lock, or given more time.
    const confirm = pending()
    if (confirm === null) return true
    if (uptime() < confirm.deadline) return false
    return (await takeBack(topology, context)) === null
  })
}
