import type { Follow } from '../process/long-lived.ts'

/** A tool that prints what happens. Where there are several for one thing, each stands in for the one before. */
export interface Telling {
  command: string[]
  line(text: string): void
}

/** Something that listens until it is stopped. */
export interface Listening {
  /** Whether events are lost at the moment. */
  isDeaf(): boolean
  stop(): void
}

export interface Interruptions {
  /** A tool has ended, and another is started soon. */
  onInterruption(why: string): void
  /** It listens again: what happened meanwhile was not heard. */
  onResumption(): void
}

const AGAIN = 250
const LONGEST = 60_000
/** A tool that has run for so long after its start listens, in milliseconds. */
const SETTLED = 500

/**
 * Keeps a tool running that prints events; when it ends, the next one of the list is started, later and later where none
 * lasts. The kernel ends the tool when nsctl dies, even of SIGKILL: else it would run until its next line finds no reader.
 */
export function keepFollowing(
  follow: Follow,
  tools: readonly [Telling, ...Telling[]],
  interruptions: Interruptions,
): Listening {
  let stopped = false
  let isDeaf = false
  let stop = () => {}
  const keep = async () => {
    let delay = AGAIN
    for (let turn = 0; !stopped; turn++) {
      const { command, line } = tools[turn % tools.length] ?? tools[0]
      const started = performance.now()
      const followed = follow('setpriv', ['--pdeathsig', 'KILL', '--', ...command], line)
      stop = followed.stop
      const resumed = isDeaf ? setTimeout(resume, SETTLED) : null
      const why = await followed.ended.catch(error => String(error))
      if (resumed) clearTimeout(resumed)
      if (stopped) return
      if (performance.now() - started > LONGEST) delay = AGAIN
      isDeaf = true
      interruptions.onInterruption(why)
      await pause(delay)
      delay = Math.min(delay * 2, LONGEST)
    }
  }
  const resume = () => {
    isDeaf = false
    interruptions.onResumption()
  }
  void keep()
  return {
    isDeaf: () => isDeaf,
    stop: () => {
      stopped = true
      stop()
    },
  }
}

/** Keeps no process alive. */
function pause(ms: number): Promise<void> {
  return new Promise(resolve => void setTimeout(resolve, ms).unref())
}
