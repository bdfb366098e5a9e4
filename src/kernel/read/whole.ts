import type { Run } from '../process/run.ts'
import { GarbledOutput } from './json.ts'

/**
 * The same runner for what only reads: what a tool says on standard error to be a part, although it ends well, is read
 * again. Throws GarbledOutput where it never is whole.
 */
export function wholeOutput(run: Run): Run {
  return async (tool, args, options) => {
    for (let attempt = 1; ; attempt++) {
      const result = await run(tool, args, options)
      const said = result.stderr.split('\n').find(line => PARTIAL.test(line))
      if (said === undefined) return result
      if (attempt === ATTEMPTS) throw new GarbledOutput([tool, ...args].join(' '), said)
    }
  }
}

const ATTEMPTS = 5

/** Of `ip`, `tc`, `ss` and `bridge`: what they list has changed while the kernel told it. */
const PARTIAL = /Dump was interrupted|Dump terminated|Message truncated|EOF on netlink/
