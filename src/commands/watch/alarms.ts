/** Something may have changed: what told so. */
type Alarm = 'file' | 'kernel' | 'rules' | 'settings' | 'records' | 'git'

/** Alarms that come while nobody waits are kept until somebody asks. */
export interface Alarms {
  raise(alarm: Alarm): void
  /** Whether any has come since this was last asked. */
  heard(): boolean
  /** All that have come since this was last asked. */
  taken(): Set<Alarm>
  /** Resolves when one has come that was not asked for yet, or the time is over, in milliseconds of performance.now. */
  until(time: number, signal: AbortSignal): Promise<void>
}

/** The longest that a timer can be set for is some weeks; to wake up once a day harms nobody. */
const LONGEST = 86_400_000

export function createAlarms(): Alarms {
  const causes = new Set<Alarm>()
  let isFresh = false
  let wake = () => {}
  return {
    raise: alarm => {
      causes.add(alarm)
      isFresh = true
      wake()
    },
    heard: () => {
      const was = isFresh
      isFresh = false
      return was
    },
    taken: () => {
      const all = new Set(causes)
      causes.clear()
      return all
    },
    until: (time, signal) =>
      new Promise(resolve => {
        if (isFresh || signal.aborted) return resolve()
        const timer = setTimeout(done, Math.min(Math.max(0, time - performance.now()), LONGEST))
        signal.addEventListener('abort', done)
        wake = done
        function done() {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          wake = () => {}
          resolve()
        }
      }),
  }
}
