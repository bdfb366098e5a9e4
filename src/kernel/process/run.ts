import { type ChildProcess, spawn } from 'node:child_process'
import { decodeBytes, encodeText } from '../../model/text/bytes.ts'
import { withoutSecrets } from '../../model/text/secrets.ts'
import { findTool, MissingTool } from './tools.ts'

interface RunOptions {
  /** Sent to the tool's standard input. */
  input?: string
  /** What the files hold that it reads, by path: for the log alone. */
  files?: Record<string, string>
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

export const SILENT: Log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

/** Runs one tool to its end: argument vector and standard input, never a shell. */
export type Run = (tool: string, args: string[], options?: RunOptions) => Promise<RunResult>

/** A command that ended other than it should; `message` is fit for an operator. */
export class CommandFailed extends Error {
  readonly tool: string
  readonly args: string[]
  readonly exitCode: number | null
  readonly stderr: string
  /** How it ended, as `exit code 1`. */
  readonly why: string
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
    this.why = why
    this.input = input
  }
}

const TIMEOUT = 120_000
/** What tools are started with; nothing of nsctl's own. */
export const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }

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
    const result = await ended(path, args, options)
    const ms = Math.round((performance.now() - started) * 10) / 10
    const { exitCode } = result
    logger.trace(
      {
        ...{ tool: path, args: args.map(withoutSecrets), input: options.input, files: options.files },
        ...{ exitCode, ms, stderr: result.stderr || undefined },
      },
      'command',
    )
    if (exitCode === null || (exitCode !== 0 && !options.accept?.includes(exitCode))) {
      throw new CommandFailed(tool, args, exitCode, result.stderr, result.why, options.input ?? null)
    }
    return { exitCode, stdout: result.stdout, stderr: result.stderr }
  }
}

interface Ended {
  /** null when it was ended by a signal, or could not be started: `why` says which. */
  exitCode: number | null
  why: string
  stdout: string
  stderr: string
}

/** More than any host's rules: what goes on printing for ever is stopped. */
const MOST_OUTPUT = 512 * 1024 * 1024

/** Runs a process to its end and to the end of its output. Never rejects. */
function ended(path: string, args: string[], options: RunOptions): Promise<Ended> {
  const { input = '', timeout = TIMEOUT, mostOutput = MOST_OUTPUT, environment, signal } = options
  return new Promise(resolve => {
    const child = spawn(path, args, {
      env: { ...ENVIRONMENT, ...environment },
      detached: true,
      stdio: [input === '' ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    let stopped: string | null = null
    const stop = (why: string) => {
      stopped ??= why
      terminate(child)
    }
    const timer = setTimeout(stop, timeout, 'did not end in time and was stopped')
    const abort = () => stop('was not needed any more and was stopped')
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
    let size = 0
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (part: Buffer) => {
        size += part.length
        if (size > mostOutput) stop('printed too much and was stopped')
        else output[name].push(part)
      })
    }
    // It may end before it has read all: that is what its exit code tells.
    child.stdin?.on('error', () => {})
    child.stdin?.end(encodeText(input))
    whenGone(child, (exitCode, why) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      const [stdout, stderr] = [output.stdout, output.stderr].map(parts => decodeBytes(Buffer.concat(parts)))
      resolve({
        exitCode: stopped === null ? exitCode : null,
        why: stopped ?? why,
        stdout: stdout ?? '',
        stderr: stderr ?? '',
      })
    })
  })
}

/** Tells once how a process ended, and its output with it, or why there is none. */
function whenGone(child: ChildProcess, tell: (exitCode: number | null, why: string) => void): void {
  child.once('error', (error: NodeJS.ErrnoException) => {
    // A signal that could not be sent is an error, too.
    if (child.pid === undefined) tell(null, `could not be started: ${error.code ?? error.message}`)
  })
  child.once('close', (exitCode, signal) => {
    if (child.pid !== undefined) tell(exitCode, signal ? `ended by ${signal}` : `exit code ${exitCode}`)
  })
}

const GRACE = 5000

/** Asks a process, and what it has started, to end: what goes on would keep its output open. What does not is ended. */
function terminate(child: ChildProcess): void {
  signalSession(child, 'SIGTERM')
  setTimeout(signalSession, GRACE, child, 'SIGKILL').unref()
}

function signalSession({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // All of it has ended.
  }
}
