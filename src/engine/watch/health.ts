/** How a watcher is, for whoever asks. */
export interface Health {
  /** Why it seems stuck, or null. */
  stuck(): string | null
  /** Why the host is not, or not known to be, as declared; or null. */
  notReady(): string | null
}

export interface Activity extends Health {
  /** Something is begun. */
  begin(): void
  /** Nothing is left to do for now. */
  rest(): void
}

/** Milliseconds: reading a huge host, or waiting for a lock, may take minutes. */
const STUCK = 600_000

/** @param troubles topologies that are not as declared at the moment, with the reason */
export function trackActivity(troubles: () => string[]): Activity {
  let busySince: number | null = performance.now()
  let hasRested = false
  return {
    stuck: () =>
      busySince !== null && performance.now() - busySince > STUCK
        ? 'it has been at one thing for ten minutes'
        : null,
    notReady: () => (hasRested ? troubles().join('\n') || null : 'the first look is not over'),
    begin: () => {
      busySince ??= performance.now()
    },
    rest: () => {
      busySince = null
      hasRested = true
    },
  }
}
