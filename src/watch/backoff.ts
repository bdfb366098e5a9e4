/** How often in a row something has failed, and when it is tried again, in milliseconds. */
export interface Backoff {
  failures: number
  retryAt: number
}

export const NO_BACKOFF: Backoff = { failures: 0, retryAt: 0 }

const FIRST = 500
const LONGEST = 300_000

/** After one failure more: twice as long as before, less up to a quarter by chance, in [0, 1). */
export function backedOff({ failures }: Backoff, now: number, chance: number): Backoff {
  const delay = Math.min(FIRST * 2 ** failures, LONGEST) * (1 - chance / 4)
  return { failures: failures + 1, retryAt: now + delay }
}
