import { findTool, MissingTool } from './tools.ts'

interface RunOptions {
  /** Sent to the tool's standard input. */
  input?: string
  /** Exit codes besides 0 that are no failure. */
  accept?: number[]
  /** Milliseconds; a command past it is killed and has failed. */
  timeout?: number
  /** Added to the clean environment. */
  environment?: Record<string, string>
  /** Aborted when its result is of no use any more: the command is ended. */
  signal?: AbortSignal
  /** Bytes of output; a command that prints more is killed and has failed. */
  mostOutput?: number
}

interface RunResult {
  exitCode: number
  stdout: string
  stderr: string
}

/** As much of a logger as there is use for. */
export interface Log {
  trace(fields: object, text: string): void
  debug(fields: object, text: string): void
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

/** Runs one tool to its end: argument vector and standard input, never a shell. */
export type Run = (tool: string, args: string[], options?: RunOptions) => Promise<RunResult>

/** A command that ended other than it should; `message` is fit for an operator. */
export class CommandFailed extends Error {
  readonly tool: string
  readonly args: string[]
  readonly exitCode: number | null
  readonly stderr: string
  readonly input: string | null

  constructor(
    tool: string,
    args: string[],
    exitCode: number | null,
    stderr: string,
    why: string,
    input: string | null,
  ) {
    super(`${[tool, ...args].join(' ')}: ${why}${stderr.trim() === '' ? '' : `: ${stderr.trim()}`}`)
    this.name = 'CommandFailed'
    this.tool = tool
    this.args = args
    this.exitCode = exitCode
    this.stderr = stderr
    this.input = input
  }
}

const TIMEOUT = 120_000
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }

/**
 * The one place that starts processes. Each gets a clean environment, since LC_ALL, IPTABLES_*, MODPROBE and the like
 * change what tools do or print, and a session of its own, so that a terminal's Ctrl-C reaches nsctl alone and the
 * command in hand can finish.
 */
export function createRunner(logger: Log): Run {
  const paths = new Map<string, string>()
  return async (tool, args, options = {}) => {
    const path = paths.get(tool) ?? findTool(tool)
    if (path === null) throw new MissingTool(tool)
    paths.set(tool, path)
    const started = performance.now()
    const { execa } = await import('execa')
    const result = await execa(path, args, {
      env: { ...ENVIRONMENT, ...options.environment },
      extendEnv: false,
      input: options.input ?? '',
      reject: false,
      stripFinalNewline: false,
      detached: true,
      cleanup: false,
      timeout: options.timeout ?? TIMEOUT,
      ...(options.signal ? { cancelSignal: options.signal } : {}),
      maxBuffer: options.mostOutput ?? 512 * 1024 * 1024,
    })
    const ms = Math.round((performance.now() - started) * 10) / 10
    const exitCode = result.exitCode ?? null
    logger.trace(
      { tool: path, args, input: options.input, exitCode, ms, stderr: result.stderr || undefined },
      'command',
    )
    if (exitCode === null || (exitCode !== 0 && !options.accept?.includes(exitCode))) {
      throw new CommandFailed(
        tool,
        args,
        exitCode,
        result.stderr,
        reasonOf(result, exitCode),
        options.input ?? null,
      )
    }
    return { exitCode, stdout: result.stdout, stderr: result.stderr }
  }
}

function reasonOf(
  result: { timedOut: boolean; signal?: string | undefined; shortMessage?: string | undefined },
  exitCode: number | null,
): string {
  if (result.timedOut) return 'did not end in time and was stopped'
  if (result.signal) return `ended by ${result.signal}`
  if (exitCode === null) return result.shortMessage ?? 'could not be started'
  return `exit code ${exitCode}`
}

/**
 * Starts a process that outlives this one: in a session of its own, so that neither the end of nsctl nor of its terminal
 * reaches it. Resolves once it has said on its output that it is ready; throws when it ends before.
 */
export type Detach = (command: string[], environment: NodeJS.ProcessEnv) => Promise<void>

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

/** Starts a tool that holds something as long as it runs; null when it ends before it is ready. */
export type Hold = (tool: string, args: string[]) => Promise<(() => Promise<void>) | null>

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
    if ((await Promise.race([ready, child.then(() => false)])) === false) return null
    return async () => {
      child.stdin.end()
      await child
    }
  }
}

/** Starts a tool that goes on telling; `ended` resolves, with what it said of it, whenever it ends. */
export type Follow = (tool: string, args: string[], line: (text: string) => void) => Followed

export interface Followed {
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
    return `${tool}: ${reasonOf(result, result.exitCode ?? null)} ${result.stderr}`.trim()
  }
  return { ended: run(), stop: () => stopping.abort() }
}
