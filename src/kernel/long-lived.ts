import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { ENVIRONMENT, terminate, whenGone } from './run.ts'
import { findTool, MissingTool } from './tools.ts'

/**
 * Starts a process that outlives this one: in a session of its own, so that neither the end of nsctl nor of its terminal
 * reaches it. Resolves once it has said on its output that it is ready; throws when it ends before.
 */
export type Detach = (command: string[], environment: NodeJS.ProcessEnv) => Promise<void>

export const detach: Detach = async ([file = '', ...args], environment) => {
  const child = spawn(file, args, { env: environment, stdio: ['ignore', 'pipe', 'ignore'], detached: true })
  if (!(await saysSomething(child)))
    throw new Error(`${[file, ...args].join(' ')}: ended before it was ready`)
  child.stdout?.destroy()
  child.unref()
}

/** Whether a process says something before it ends, or cannot even be started. */
function saysSomething(child: ChildProcess): Promise<boolean> {
  return new Promise(resolve => {
    child.stdout?.once('data', () => resolve(true))
    whenGone(child, () => resolve(false))
  })
}

/** Starts a tool that holds something as long as it runs; null when it ends before it is ready. */
export type Hold = (tool: string, args: string[]) => Promise<(() => Promise<void>) | null>

/** The tool is ready once it echoes a line, as `cat` does; the returned function closes its input, which ends it. */
export function createHolder(): Hold {
  return async (tool, args) => {
    const path = findTool(tool)
    if (path === null) throw new MissingTool(tool)
    const child = spawn(path, args, { env: ENVIRONMENT, stdio: ['pipe', 'pipe', 'ignore'], detached: true })
    const gone = new Promise<void>(resolve => whenGone(child, () => resolve()))
    // It may have ended before it reads: that is what the result says.
    child.stdin.on('error', () => {})
    child.stdin.write('ready\n')
    if (!(await saysSomething(child))) return null
    return async () => {
      child.stdin.end()
      await gone
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
  const child = spawn(path, args, { env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (part: Buffer) => {
    if (stderr.length < MOST_COMPLAINT) stderr += part
  })
  createInterface({ input: child.stdout }).on('line', line)
  const ended = new Promise<string>(resolve =>
    whenGone(child, (_, why) => resolve(`${tool}: ${why} ${stderr}`.trim())),
  )
  return { ended, stop: () => terminate(child) }
}

const MOST_COMPLAINT = 65_536
