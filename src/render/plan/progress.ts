import type { Stage, Step } from '../../model/plan/plan.ts'

/** What each stage does, in an operator's words. */
const WORDS: Record<Stage, string> = {
  claim: 'recording values before',
  quiesce: 'putting links down',
  guard: 'guard rules',
  unlink: 'deleting links',
  namespace: 'namespaces',
  link: 'links',
  configure: 'addresses and routes',
  record: 'recording values before',
  sysctl: 'kernel settings',
  file: 'files',
  publish: 'published ports',
  unguard: 'deleting rules',
  unname: 'deleting namespaces',
  release: 'giving values back',
  forget: 'forgetting old connections',
}

/** `12/40 addresses and routes, 3 s`. */
function progressLine(done: number, total: number, step: Step, elapsed: number): string {
  return `${done}/${total} ${WORDS[step.stage]}, ${Math.floor(elapsed / 1000)} s`
}

interface Output {
  write(text: string): void
  isTerminal: boolean
  /** How wide the terminal is; 0: not known. */
  columns(): number
  /** Milliseconds. */
  now(): number
  /** Calls again and again, until the returned function is called. Milliseconds. */
  every(interval: number, call: () => void): () => void
}

export interface ProgressReport {
  progress(done: number, total: number, step: Step): void
  /** Says what is waited for, and how long by now, until the returned function is called. */
  waiting(what: string): () => void
  /** Takes the line off a terminal, before something else is written there. */
  clear(): void
}

/** Nothing is said of what takes less than this. */
const PATIENCE = 1000
/** Where lines stay, one every so often is enough. */
const PLAIN_INTERVAL = 5000

/** Progress of long work: one line that changes on a terminal, a line now and then elsewhere. Milliseconds. */
export function createProgress({ write, isTerminal, columns, now, every }: Output): ProgressReport {
  let started: number | null = null
  let told = 0
  let shown = false
  const tell = (line: string) => {
    // A line that wraps cannot be written over.
    const width = columns() > 0 ? columns() - 1 : line.length
    write(isTerminal ? `\r${line.slice(0, width)}\x1b[K` : `${line}\n`)
    shown = isTerminal
  }
  const clear = () => {
    if (shown) write('\r\x1b[K')
    shown = false
  }
  return {
    progress(done, total, step) {
      if (started === null || done === 0) {
        started = now()
        told = started
      }
      const elapsed = now() - started
      if (elapsed < PATIENCE || (!isTerminal && now() - told < PLAIN_INTERVAL)) return
      told = now()
      tell(progressLine(done, total, step, elapsed))
    },
    waiting(what) {
      const begun = now()
      const stop = every(isTerminal ? PATIENCE : PLAIN_INTERVAL, () =>
        tell(`${what}, ${Math.floor((now() - begun) / 1000)} s`),
      )
      return () => {
        stop()
        clear()
      }
    },
    clear,
  }
}
