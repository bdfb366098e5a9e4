import { setTimeout as sleep } from 'node:timers/promises'
import { uptime } from '../../kernel/process/uptime.ts'
import { type Confirmation, type Journal, readJournal } from '../../kernel/records/records.ts'
import type { HostAccess } from '../host/access.ts'

export function confirmationIn(seconds: number): Confirmation {
  return {
    seconds,
    deadline: uptime() + seconds,
    until: new Date(Date.now() + seconds * 1000).toISOString(),
    applied: null,
  }
}

/** Starts the process that rolls an apply back at its deadline; it outlives this one. */
export async function startReverter(
  { topology, startedAt }: Journal,
  { detach, self, environment }: Pick<HostAccess, 'detach' | 'self' | 'environment'>,
): Promise<void> {
  // Where tools are found, and nothing else: it outlives whoever set the rest.
  const { PATH } = environment
  await detach([...self, 'revert', topology, startedAt], PATH === undefined ? {} : { PATH })
}

const POLL = 500
/** Between attempts, in milliseconds: each a second more than the one before, up to this. */
const LONGEST_PAUSE = 30_000

/**
 * Waits until the apply that started at `startedAt` is confirmed, rolled back, or past its deadline, and then rolls it
 * back. It does not give up: as long as the apply is pending, nobody else may be there to do it.
 *
 * @param rollBackIfDue returns whether the apply is settled, one way or the other
 */
export async function watchDeadline(
  topology: string,
  startedAt: string,
  rollBackIfDue: (pending: () => Confirmation | null) => Promise<boolean>,
): Promise<void> {
  const pending = () => {
    const journal = readJournal(topology)
    return journal?.startedAt === startedAt ? journal.confirm : null
  }
  for (let failures = 0; ; ) {
    try {
      const confirm = pending()
      if (confirm === null) return
      if (uptime() < confirm.deadline) await sleep(POLL)
      else if (await rollBackIfDue(pending)) return
      else failures++
    } catch {
      // There may be no terminal and no log to report it to.
      failures++
    }
    if (failures > 0) await sleep(Math.min(failures * 1000, LONGEST_PAUSE))
  }
}
