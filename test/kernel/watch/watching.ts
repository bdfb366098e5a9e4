import { setTimeout as sleep } from 'node:timers/promises'
import type { Result, Started } from '../host/holder.ts'
import { type Host, NSCTL } from '../host/host.ts'

/** A line of the log, as far as the tests look at it. */
export interface Line {
  level: number
  msg: string
  topology?: string
  state?: string
  changes?: string[]
  likelyAuthors?: string[]
  problems?: string[]
  why?: string
  port?: number
}

/** A watcher in the background. */
export interface Watching {
  pid: number
  log(): Line[]
  /** Resolves to the first line that is as wanted, among those from a place on. Throws when the watcher ends before. */
  line(wanted: (line: Line) => boolean, from?: number): Promise<Line>
  /** Does something, and waits for a line that comes after. */
  after<T>(act: () => Promise<T>, wanted: (line: Line) => boolean): Promise<Line>
  /** Tells it to stop. */
  end(signal?: NodeJS.Signals): Promise<Result>
}

/**
 * Nothing is looked at for want of a cause, so that whatever is mended was heard of. `through` is what is to start it, such
 * as `setpriv`.
 */
export async function startWatch(
  host: Host,
  args: string[],
  env: Record<string, string> = {},
  through: string[] = [],
): Promise<Watching> {
  const command = [...through, process.execPath, NSCTL, 'watch', '--interval', '1h', ...args]
  const [tool = '', ...rest] = command
  const started: Started = await host.start(tool, rest, { ready: /"msg":"watching"/, env })
  let isOver = false
  void started.ended.then(() => {
    isOver = true
  })
  const log = () =>
    started
      .stderr()
      .split('\n')
      .slice(0, -1)
      .map(text => JSON.parse(text) as Line)
  const line: Watching['line'] = async (wanted, from = 0) => {
    for (;;) {
      const found = log().slice(from).find(wanted)
      if (found) return found
      if (isOver) throw new Error(`the watcher has ended:\n${started.stderr()}`)
      await sleep(20)
    }
  }
  return {
    pid: started.pid,
    log,
    line,
    after: async (act, wanted) => {
      const from = log().length
      await act()
      return line(wanted, from)
    },
    end: (signal = 'SIGTERM') => {
      started.kill(signal)
      return started.ended
    },
  }
}

export const converged = ({ msg }: Line) => /: converged$/.test(msg)
export const inState =
  (state: string) =>
  (line: Line): boolean =>
    line.state === state
