import type { Change } from '../model/plan/plan.ts'
import { sha256 } from '../model/text/sha256.ts'

/** How often each change had to be repeated of late, by its mark. Times in milliseconds, of any one clock. */
export type Ledger = ReadonlyMap<string, Repetition>

interface Repetition {
  /** In a row, each soon after the one before. */
  times: number
  lastAt: number
  /** Until when it is not repeated. */
  heldUntil: number
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
const FIRST_HOLD = 5_000
const LONGEST_HOLD = 600_000
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
  const noted = new Map([...ledger].filter(([key, repetition]) => isRecent(key, repetition, now)))
  const keys = new Set([...marks].flatMap(mark => [mark, idIn(mark)]))
  for (const key of keys) {
    const times = (noted.get(key)?.times ?? 0) + 1
    noted.set(key, { times, lastAt: now, heldUntil: now + holdAfter(key, times) })
  }
  return noted
}

/** What is being fought about now, the longest first. */
export function fightsIn(ledger: Ledger, now: number): Fight[] {
  const fought = new Map<string, Fight>()
  for (const [key, repetition] of ledger) {
    if (repetition.times < meantAt(key) || !isRecent(key, repetition, now)) continue
    const id = key.includes('#') ? idIn(key) : key
    const { times, heldUntil } = repetition
    if (times > (fought.get(id)?.times ?? 0)) fought.set(id, { id, times, heldUntil })
  }
  return [...fought.values()].sort((a, b) => b.times - a.times || (a.id < b.id ? -1 : 1))
}

/** When changes with these marks may be made: at once where one of them is not held back, since a repair makes all. */
export function heldUntil(ledger: Ledger, marks: readonly string[]): number {
  const until = (key: string) => ledger.get(key)?.heldUntil ?? 0
  return Math.min(...marks.map(mark => Math.max(until(mark), until(idIn(mark)))))
}

function meantAt(key: string): number {
  return key.includes('#') ? MEANT : MEANT_OF_ANY
}

function holdAfter(key: string, times: number): number {
  const more = times - meantAt(key)
  return more < 0 ? 0 : Math.min(FIRST_HOLD * 2 ** more, LONGEST_HOLD)
}

function isRecent(key: string, { times, lastAt }: Repetition, now: number): boolean {
  return now - lastAt <= Math.max(PEACE, 2 * holdAfter(key, times))
}
