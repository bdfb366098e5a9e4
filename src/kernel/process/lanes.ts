import type { Run } from './run.ts'

/**
 * The same runner, but with no more than `lanes` commands under way at once. More than the machine has cores gains
 * nothing: the kernel's own locks are the limit.
 */
export function limited(run: Run, lanes: number): Run {
  let free = lanes
  const waiting: (() => void)[] = []

  return async (tool, args, options) => {
    if (free > 0) free--
    else await new Promise<void>(resolve => waiting.push(resolve))
    try {
      return await run(tool, args, options)
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}

/** Like Promise.all, but no command is left running when one of them fails. */
export async function settled<const T extends readonly unknown[]>(promises: T) {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}
