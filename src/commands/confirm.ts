import {
  type Journal,
  pendingTopologies,
  readApplied,
  readJournal,
  removeJournal,
  writeApplied,
} from '../kernel/records.ts'
import { uptime } from '../kernel/uptime.ts'
import type { Plan } from '../model/plan.ts'
import { renderPlan } from '../render/plan.ts'
import { type Context, Refused } from './context.ts'
import { nameIn } from './files.ts'
import { readLive } from './live.ts'
import { whileLocked } from './locked.ts'
import { undo } from './undo.ts'

export interface ConfirmOptions {
  /** Seconds. */
  lockTimeout: number
}

/** Keeps an apply that waits for confirmation. */
export async function confirm(
  target: string | undefined,
  options: ConfirmOptions,
  context: Context,
): Promise<number> {
  const named = await givenName(target, context)
  return whileLocked(context, options.lockTimeout, async () => {
    const { topology, confirm: waiting } = pendingOne(named, 'confirm', isWaiting)
    if (!waiting?.applied) {
      throw new Refused(
        `${topology}: its apply has not come to its end; nsctl rollback ${topology} takes back what was done`,
      )
    }
    writeApplied(waiting.applied)
    removeJournal(topology)
    context.write(`${topology} is confirmed; it stays as applied.\n`)
    return 0
  })
}

/** Takes back, now, an apply that waits for confirmation, or one that was cut off. */
export async function rollback(
  target: string | undefined,
  options: ConfirmOptions,
  context: Context,
): Promise<number> {
  const named = await givenName(target, context)
  return whileLocked(context, options.lockTimeout, async () => {
    const { topology } = pendingOne(named, 'roll back', () => true)
    const left = await takeBack(topology, context)
    if (left === null) {
      context.write(`${topology} is as it was before.\n`)
      return 0
    }
    const what = typeof left === 'string' ? `${left}\n` : renderPlan(left, context.errorColors)
    context.say(`nsctl: could not take everything back; this is left to do:\n${what}`)
    return 4
  })
}

/** Goes back to the state before an apply; the caller holds the lock. Returns what is left, null when nothing is. */
export async function takeBack(topology: string, context: Context): Promise<Plan | string | null> {
  const journal = readJournal(topology)
  if (journal === null) return null
  const before = new Map(journal.before.map(resource => [resource.id, resource]))
  const { iptables } = journal
  const reader = 'auto'
  const read = () => readLive(context, { iptables, reader }, topology)
  const left = await undo(journal, before, { read, reader }, context)
  if (left !== null) return left
  noteRollback(journal)
  removeJournal(topology)
  return null
}

/** The record stays that of the apply before; its history tells of the one that did not stay. */
function noteRollback({ topology, confirm: waiting }: Journal): void {
  const last = readApplied(topology)
  const entry = waiting?.applied?.history[0]
  if (last && entry) {
    writeApplied({
      ...last,
      history: [{ ...entry, rolledBackAt: new Date().toISOString() }, ...last.history],
    })
  }
}

/** Throws Refused while an apply of the topology waits for confirmation: two at once could not be told apart. */
export function refuseWhilePending(topology: string): void {
  const journal = readJournal(topology)
  if (journal === null || !isWaiting(journal)) return
  throw new Refused(
    `${topology}: an apply waits for confirmation ${deadlineOf(journal)}; ` +
      `first nsctl confirm ${topology}, or nsctl rollback ${topology}; nothing was changed`,
  )
}

/** Applied, and neither confirmed nor taken back. */
function isWaiting({ confirm: waiting }: Journal): boolean {
  return waiting?.applied != null
}

/** The reverter is some seconds late at most, unless it waits for the lock, its rollback fails, or it was killed. */
const LATE = 2

function deadlineOf({ confirm: waiting }: Journal): string {
  if (waiting === null) return ''
  const isLate = uptime() > waiting.deadline + LATE
  return isLate
    ? `since before ${waiting.until}, when it should have been taken back`
    : `until ${waiting.until}`
}

/** Before the lock is taken: what cannot be a name, or read as a file, is told at once. */
async function givenName(target: string | undefined, context: Context): Promise<string | undefined> {
  return target === undefined ? undefined : nameIn(target, context)
}

/** Without a name, the only one that could be meant. */
function pendingOne(
  named: string | undefined,
  verb: string,
  isMeant: (journal: Journal) => boolean,
): Journal {
  const known = pendingTopologies().flatMap(topology => readJournal(topology) ?? [])
  const meant = known.filter(isMeant)
  if (named === undefined && meant.length > 1) {
    const names = meant.map(({ topology }) => topology)
    throw new Refused(`several applies could be meant: ${names.join(', ')}; name one`)
  }
  const journal = named === undefined ? meant[0] : known.find(({ topology }) => topology === named)
  if (!journal) {
    throw new Refused(
      `${named === undefined ? 'no apply' : `${named}: no apply of it`} waits for confirmation; nothing to ${verb}`,
    )
  }
  return journal
}
