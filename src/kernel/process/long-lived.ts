import { ENVIRONMENT } from './run.ts'
import { findTool, MissingTool } from './tools.ts'

/**
 * Starts a process that outlives this one: in a session of its own, so that neither the end of nsctl nor of its terminal
 * reaches it. Resolves once it has said on its output that it is ready; throws when it ends before.
 */
export type Detach = (command: string[], environment: Record<string, string | undefined>) => Promise<void>

export const detach: Detach = async ([file = '', ...args], environment) => {
  const { execa } = await import('execa')
  const child = execa(file, args, {
    env: environment,
    extendEnv: false,
    stdio: ['ignore', 'pipe', 'ignore'],
    reject: false,
    detached: true,
    cleanup: false,
  })
  const ready = new Promise<true>(resolve => child.stdout.once('data', () => resolve(true)))
  if ((await Promise.race([ready, child.then(() => false)])) === false) {
    throw new Error(`${[file, ...args].join(' ')}: ended before it was ready`)
  }
  child.stdout.destroy()
  child.unref()
}

/** Starts a tool that holds something as long as it runs. */
export type Hold = (tool: string, args: string[]) => Promise<Held | NotHeld>

interface Held {
  release(): Promise<void>
}

/** It ended before it was ready. */
interface NotHeld {
  release: null
  /** Undefined where a signal ended it. */
  exitCode: number | undefined
  why: string
}

/** The tool is ready once it echoes a line, as `cat` does; the returned function closes its input, which ends it. */
export function createHolder(): Hold {
  return async (tool, args) => {
    const path = findTool(tool)
    if (path === null) throw new MissingTool(tool)
    const { execa } = await import('execa')
    const child = execa(path, args, {
      env: ENVIRONMENT,
      extendEnv: false,
      stdin: 'pipe',
      reject: false,
      detached: true,
      cleanup: false,
    })
    // It may have ended before it reads: that is what the result says.
    child.stdin.on('error', () => {})
    child.stdin.write('ready\n')
    const ready = new Promise<true>(resolve => child.stdout.once('data', () => resolve(true)))
    if ((await Promise.race([ready, child.then(() => false)])) === false) {
      const { exitCode, shortMessage = '', stderr } = await child
      return { release: null, exitCode, why: `${shortMessage || `${tool} ended at once`} ${stderr}`.trim() }
    }
    return {
      release: async () => {
        child.stdin.end()
        await child
      },
    }
  }
}

/** Starts a tool that goes on telling; `ended` resolves, with what it said of it, whenever it ends. */
export type Follow = (tool: string, args: string[], line: (text: string) => void) => Followed

interface Followed {
  ended: Promise<string>
  stop(): void
}

/** What it follows ends with nsctl, however that ends: at the latest when it has something to tell and nobody reads. */
export const follow: Follow = (tool, args, line) => {
  const path = findTool(tool)
  if (path === null) return { ended: Promise.reject(new MissingTool(tool)), stop() {} }
  const stopping = new AbortController()
  const run = async () => {
    const { execa } = await import('execa')
    const child = execa(path, args, {
      env: ENVIRONMENT,
      extendEnv: false,
      stdin: 'ignore',
      buffer: { stdout: false },
      maxBuffer: 65_536,
      reject: false,
      cancelSignal: stopping.signal,
    })
    for await (const text of child) line(String(text))
    const result = await child
    return `${tool}: ${result.shortMessage ?? `exit code ${result.exitCode}`} ${result.stderr}`.trim()
  }
  return { ended: run(), stop: () => stopping.abort() }
}
