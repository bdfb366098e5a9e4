/** Where it was heard from that something may have changed. */
export type Trigger = 'file' | 'kernel' | 'rules' | 'settings' | 'records' | 'git'

/** Triggers that come while nothing waits are kept until they are taken. */
export interface Triggers {
  raise(trigger: Trigger): void
  /** Whether any has come since the last call. */
  heard(): boolean
  /** All that have come since the last call. */
  take(): Set<Trigger>
  /** Resolves when a trigger has come, the signal is aborted, or it is that time, in milliseconds of performance.now. */
  until(time: number, signal: AbortSignal): Promise<void>
}

/** A timer holds some weeks at most; to wake up once a day costs nothing. */
const LONGEST_TIMER = 86_400_000

export function createTriggers(): Triggers {
  const raised = new Set<Trigger>()
  let isNew = false
  let wake = () => {}
  return {
    raise: trigger => {
      raised.add(trigger)
      isNew = true
      wake()
    },
    heard: () => {
      const was = isNew
      isNew = false
      return was
    },
    take: () => {
      const all = new Set(raised)
      raised.clear()
      return all
    },
    until: (time, signal) =>
      new Promise(resolve => {
        if (isNew || signal.aborted) return resolve()
        const timer = setTimeout(done, Math.min(Math.max(0, time - performance.now()), LONGEST_TIMER))
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
