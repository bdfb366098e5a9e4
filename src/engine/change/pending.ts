import { uptime } from '../../kernel/process/uptime.ts'
import {
  type Journal,
  pendingTopologies,
  readApplied,
  readJournal,
  removeJournal,
  writeApplied,
} from '../../kernel/records/records.ts'
import type {
  ConfirmOutcome,
  Leftover,
  Refusal,
  RollbackOutcome,
  Unchosen,
} from '../../model/plan/outcome.ts'
import { completeAccess, type HostAccess, type HostOptions } from '../host/access.ts'
import { type LockOptions, whileLocked } from '../host/lock.ts'
import { readFor } from '../host/read-host.ts'
import { watchDeadline } from './confirm-timer.ts'
import { rollBack } from './rollback.ts'

export type PendingOptions = HostOptions & LockOptions

/**
 * Keeps an apply that waits for confirmation.
 *
 * @param name of the topology; null: the only one that waits
 */
export async function confirm(name: string | null, options: PendingOptions = {}): Promise<ConfirmOutcome> {
  return whileLocked(completeAccess(options), options, async () => {
    const chosen = choose(name, isWaiting)
    if ('kind' in chosen) return chosen
    const { topology, confirm: waiting } = chosen
    if (!waiting?.applied) return { kind: 'unfinished', topology }
    writeApplied(waiting.applied)
    removeJournal(topology)
    return { kind: 'confirmed', topology }
  })
}

/**
 * Rolls back, now, an apply that waits for confirmation, or one that was cut off.
 *
 * @param name of the topology; null: the only one
 */
export async function rollback(name: string | null, options: PendingOptions = {}): Promise<RollbackOutcome> {
  const access = completeAccess(options)
  return whileLocked(access, options, async () => {
    const chosen = choose(name, () => true)
    if ('kind' in chosen) return chosen
    const { topology } = chosen
    const left = await rollBackPending(topology, access)
    return left === null ? { kind: 'rolledBack', topology } : { kind: 'incomplete', topology, left }
  })
}

const LOCK_WAIT = 3600

/** Rolls an apply back at its deadline unless it is confirmed before: the process that `apply` with `confirm` starts. */
export async function rollBackAtDeadline(
  topology: string,
  startedAt: string,
  access: HostAccess,
): Promise<void> {
  await watchDeadline(topology, startedAt, async pending => {
    const settled = await whileLocked(access, { lockTimeout: LOCK_WAIT }, async () => {
      // Confirmed, or given more time, while this waited for the lock.
      const confirm = pending()
      if (confirm === null) return true
      if (uptime() < confirm.deadline) return false
      return (await rollBackPending(topology, access)) === null
    })
    return settled === true
  })
}

/** Goes back to the state before an apply; the caller holds the lock. Returns what is left, null when nothing is. */
async function rollBackPending(topology: string, access: HostAccess): Promise<Leftover | null> {
  const journal = readJournal(topology)
  if (journal === null) return null
  const before = new Map(journal.before.map(resource => [resource.id, resource]))
  const asThen: HostAccess = { ...access, iptables: journal.iptables, reader: 'auto' }
  const read = () => readFor({ name: topology, topologies: [] }, asThen)
  const left = await rollBack(journal, before, read, asThen)
  if (left !== null) return left
  noteRollback(journal)
  removeJournal(topology)
  return null
}

/** The record stays that of the apply before; its history tells of the one that was rolled back. */
function noteRollback({ topology, confirm: waiting }: Journal): void {
  const last = readApplied(topology)
  const entry = waiting?.applied?.history[0]
  if (!last || !entry) return
  const rolledBackAt = new Date().toISOString()
  writeApplied({ ...last, history: [{ ...entry, rolledBackAt }, ...last.history] })
}

/** The reverter is some seconds late at most, unless it waits for the lock, its rollback fails, or it was killed. */
const LATE = 2

/** Refuses while an apply of the topology waits for confirmation: two at once could not be told apart. */
export function refusalWhilePending(topology: string): Refusal | null {
  const journal = readJournal(topology)
  if (journal === null || !isWaiting(journal) || !journal.confirm) return null
  const { until, deadline } = journal.confirm
  return { kind: 'pending', topology, until, overdue: uptime() > deadline + LATE }
}

/** Applied, and neither confirmed nor rolled back. */
function isWaiting({ confirm: waiting }: Journal): boolean {
  return waiting?.applied != null
}

/** The apply that is meant; without a name, the only one that can be. */
function choose(name: string | null, isMeant: (journal: Journal) => boolean): Journal | Unchosen {
  const known = pendingTopologies().flatMap(topology => readJournal(topology) ?? [])
  if (name !== null) {
    return known.find(({ topology }) => topology === name) ?? { kind: 'nonePending', topology: name }
  }
  const [first, ...more] = known.filter(isMeant)
  if (!first) return { kind: 'nonePending', topology: null }
  if (more.length === 0) return first
  return { kind: 'severalPending', topologies: [first, ...more].map(({ topology }) => topology) }
}

/** Milliseconds until the next pending apply has to be rolled back; null where none is pending. */
export function untilNextDeadline(): number | null {
  const deadlines = pendingTopologies().flatMap(topology => readJournal(topology)?.confirm?.deadline ?? [])
  return deadlines.length === 0 ? null : Math.round((Math.min(...deadlines) - uptime()) * 1000)
}
