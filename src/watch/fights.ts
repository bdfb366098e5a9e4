/** How often each object had to be mended of late, by the id of its change. Times in milliseconds, of any one clock. */
export type Ledger = ReadonlyMap<string, Mending>

interface Mending {
  /** In a row, each soon after the one before. */
  times: number
  lastAt: number
  /** Until when it is left as it is. */
  heldUntil: number
}

/** Somebody undoes what nsctl does, again and again. */
export interface Fight {
  id: string
  times: number
  heldUntil: number
}

/** Drift may come twice by chance; at the third time somebody means it. */
const MEANT = 3
const FIRST_HOLD = 5_000
const LONGEST_HOLD = 600_000
/** What has held this long, or twice as long as it was last left alone, starts anew. */
const PEACE = 60_000

export const NO_LEDGER: Ledger = new Map()

/** After a repair of these objects. */
export function noteRepair(ledger: Ledger, ids: Iterable<string>, now: number): Ledger {
  const noted = new Map([...ledger].filter(([, mending]) => isRecent(mending, now)))
  for (const id of ids) {
    const times = (noted.get(id)?.times ?? 0) + 1
    noted.set(id, { times, lastAt: now, heldUntil: now + holdAfter(times) })
  }
  return noted
}

/** What is being fought about now, the longest first. */
export function fightsIn(ledger: Ledger, now: number): Fight[] {
  return [...ledger]
    .filter(([, mending]) => mending.times >= MEANT && isRecent(mending, now))
    .map(([id, { times, heldUntil }]) => ({ id, times, heldUntil }))
    .sort((a, b) => b.times - a.times || (a.id < b.id ? -1 : 1))
}

/** When all of these may be mended: at once where one of them is not held back, since a repair is of everything. */
export function heldUntil(ledger: Ledger, ids: readonly string[]): number {
  return Math.min(...ids.map(id => ledger.get(id)?.heldUntil ?? 0))
}

function holdAfter(times: number): number {
  return times < MEANT ? 0 : Math.min(FIRST_HOLD * 2 ** (times - MEANT), LONGEST_HOLD)
}

function isRecent({ times, lastAt }: Mending, now: number): boolean {
  return now - lastAt <= Math.max(PEACE, 2 * holdAfter(times))
}
