import type { Change } from '../model/plan/plan.ts'
import { sha256 } from '../model/text/sha256.ts'

/** How often each change had to be repeated of late, by its mark. Times in milliseconds, of any one clock. */
export type Ledger = ReadonlyMap<string, Repetition>

interface Repetition {
  /** In a row, each soon after the one before. */
  times: number
  lastAt: number
  /** How long this has been going on, pauses counted in part. */
  effort: number
  /** For how long it is not repeated. */
  hold: number
}

/** A change that is undone from outside again and again. */
export interface Fight {
  /** Of the change. */
  id: string
  times: number
  heldUntil: number
}

/** The same may happen twice by chance; the third time it is meant. */
const MEANT = 3
/** One object may suffer several things in a row, as while an administrator tries something. */
const MEANT_OF_ANY = 6
/**
 * A change is left alone for a part of the time that the conflict has lasted. So back-off is exponential where somebody
 * does not give up, and a firewall that is reloaded five times in ten seconds is repaired within seconds of the last.
 */
const HOLD_PER_EFFORT = 1 / 3
const SHORTEST_HOLD = 1_000
const LONGEST_HOLD = 600_000
/** A pause counts up to this, or to the hold before it: what happened once a minute ago does not make a burst a conflict. */
const COUNTED_PAUSE = 2_000
/** What has held this long, or twice as long as it was last held back, counts from one again. */
const PEACE = 60_000

export const NO_LEDGER: Ledger = new Map()

/** A change as it is known again: its id, and what it found. */
export function markOfChange({ id, before }: Pick<Change, 'id' | 'before'>): string {
  const digest = sha256(JSON.stringify(before)).slice(0, 12)
  return `${id}#${digest}`
}

function idIn(mark: string): string {
  return mark.slice(0, mark.lastIndexOf('#'))
}

/** After a repair of changes with these marks: each is noted by its mark, and by its id alone. */
export function noteRepair(ledger: Ledger, marks: Iterable<string>, now: number): Ledger {
  const noted = new Map([...ledger].filter(([, repetition]) => isRecent(repetition, now)))
  const keys = new Set([...marks].flatMap(mark => [mark, idIn(mark)]))
  for (const key of keys) {
    noted.set(key, repeated(key, noted.get(key), now))
  }
  return noted
}

function repeated(key: string, before: Repetition | undefined, now: number): Repetition {
  if (before === undefined) return { times: 1, lastAt: now, effort: 0, hold: 0 }
  const times = before.times + 1
  const effort = before.effort + Math.min(now - before.lastAt, Math.max(COUNTED_PAUSE, before.hold))
  const hold = Math.min(Math.max(effort * HOLD_PER_EFFORT, SHORTEST_HOLD), LONGEST_HOLD)
  return { times, lastAt: now, effort, hold: times < meantAt(key) ? 0 : hold }
}

/** What is being fought about now, the longest first. */
export function fightsIn(ledger: Ledger, now: number): Fight[] {
  const fought = new Map<string, Fight>()
  for (const [key, repetition] of ledger) {
    if (repetition.times < meantAt(key) || !isRecent(repetition, now)) continue
    const id = key.includes('#') ? idIn(key) : key
    const { times } = repetition
    if (times > (fought.get(id)?.times ?? 0)) fought.set(id, { id, times, heldUntil: untilOf(repetition) })
  }
  return [...fought.values()].sort((a, b) => b.times - a.times || (a.id < b.id ? -1 : 1))
}

/** When changes with these marks may be made: at once where one of them is not held back, since a repair makes all. */
export function heldUntil(ledger: Ledger, marks: readonly string[]): number {
  const until = (key: string) => untilOf(ledger.get(key))
  return Math.min(...marks.map(mark => Math.max(until(mark), until(idIn(mark)))))
}

function meantAt(key: string): number {
  return key.includes('#') ? MEANT : MEANT_OF_ANY
}

function untilOf(repetition: Repetition | undefined): number {
  return repetition === undefined ? 0 : repetition.lastAt + repetition.hold
}

function isRecent({ lastAt, hold }: Repetition, now: number): boolean {
  return now - lastAt <= Math.max(PEACE, 2 * hold)
}
