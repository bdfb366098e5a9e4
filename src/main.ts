import { constants } from 'node:os'
import { createInterface } from 'node:readline/promises'
import { isSea } from 'node:sea'
import { isatty } from 'node:tty'
import { setFlagsFromString } from 'node:v8'
import pc from 'picocolors'
import { type Globals, parseCommandLine } from './cli/program.ts'
import type { Context } from './commands/context.ts'
import { exitCodeOf } from './commands/exit-codes.ts'
import { runForeground } from './kernel/process/foreground.ts'
import { createHolder, detach, follow } from './kernel/process/long-lived.ts'
import { createRunner, type Log, SILENT } from './kernel/process/run.ts'
import { InvalidTopology } from './model/diagnostic.ts'
import { Interrupted } from './model/plan/interrupted.ts'
import { escapeJson, escapeLines, messageOf } from './model/text/escape.ts'
import { renderDiagnostics } from './render/diagnostics.ts'
import { createProgress } from './render/plan/progress.ts'

declare const NSCTL_VERSION: string

/**
 * A run is over before it pays to optimize what was hot for some milliseconds; that took a third of all its time. And to
 * let the heap grow by more than a quarter at once is memory for what is about to be dropped.
 */
const V8_FLAGS = ['--interrupt-budget=1000000', '--heap-growing-percent=25']

async function main(): Promise<number> {
  const invocation = parseCommandLine(process.argv.slice(2), NSCTL_VERSION)
  if (invocation.kind === 'print') {
    process.stdout.write(invocation.stdout)
    process.stderr.write(invocation.stderr)
    return invocation.exitCode
  }
  for (const flag of V8_FLAGS) setFlagsFromString(flag)
  const context = await createContext(invocation.globals)
  try {
    return await invocation.run(context)
  } catch (error) {
    return report(error, context)
  }
}

/** Says why a command failed; returns the exit code that says it to scripts. */
function report(error: unknown, context: Context): number {
  context.logger.debug({ err: error }, 'failed')
  if (error instanceof InvalidTopology)
    context.say(renderDiagnostics(error.diagnostics, 'text', context.errorColors))
  else context.say(`nsctl: ${messageOf(error)}\n`)
  return exitCodeOf(error)
}

async function createContext({ logLevel, color, daemon }: Globals): Promise<Context> {
  const logger = await createLogger(logLevel, daemon)
  const colored = (stream: NodeJS.WriteStream) => color && stream.isTTY === true && !process.env.NO_COLOR
  const [node = '', script = ''] = [process.execPath, process.argv[1]]
  const report = createProgress({
    write: text => void process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    columns: () => process.stderr.columns ?? 0,
    now: () => performance.now(),
    every: (interval, call) => {
      const timer = setInterval(call, interval)
      return () => clearInterval(timer)
    },
  })
  return {
    run: createRunner(logger),
    hold: createHolder(),
    foreground: runForeground,
    detach,
    follow,
    logger,
    environment: process.env,
    pid: process.pid,
    // The executable is node and script in one.
    self: isSea() ? [node] : [node, ...process.execArgv, script],
    write: text => {
      report.clear()
      process.stdout.write(text)
    },
    say: text => {
      report.clear()
      process.stderr.write(text)
    },
    progress: report.progress,
    waiting: report.waiting,
    colors: pc.createColors(colored(process.stdout)),
    errorColors: pc.createColors(colored(process.stderr)),
    // To ask process.stdin would make it non-blocking: who reads it as a file then gets EAGAIN for what comes late.
    ask: isatty(0) && process.stdout.isTTY ? ask : null,
    catchSignals,
  }
}

/**
 * What nobody waits for, a daemon, has warnings and errors to log; of the rest there is nothing above `info`, and pino
 * takes longer to load than a file to check.
 */
async function createLogger(level: string, daemon: boolean): Promise<Log> {
  const logs = daemon ? level !== 'silent' : ['trace', 'debug', 'info'].includes(level)
  if (!logs) return SILENT
  const { default: pino } = await import('pino')
  const output = pino.destination({ dest: 2, sync: true })
  // A journal that was restarted, a terminal that hung up: no reason to stop what the daemon is for.
  output.on('error', () => {})
  const logger: Log = pino({ level, hooks: { streamWrite: escapeJson } }, output)
  return logger
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function announceRollback(signal: NodeJS.Signals): void {
  process.stderr.write(
    `nsctl: ${signal}: finishing the command in hand, then rolling back; a second one stops at once\n`,
  )
}

/** Came once a run was over: what is done stays, and says so by its exit code; what would come next does not begin. */
let late: NodeJS.Signals | null = null

function catchSignals(announce = announceRollback): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController()
  const handle = (signal: NodeJS.Signals) => {
    if (!controller.signal.aborted) {
      announce(signal)
      return controller.abort(signal)
    }
    process.stderr.write('nsctl: stopped at once; what was begun stays as it is: apply again, or destroy\n')
    process.exit(128 + constants.signals[signal])
  }
  const remember = (signal: NodeJS.Signals) => {
    if (late !== null) process.exit(128 + constants.signals[signal])
    late = signal
    process.stderr.write(`nsctl: ${signal}: what is done stays; nothing more is begun\n`)
  }
  const closed = () => handle('SIGPIPE')
  const listen = (listener: typeof handle) => {
    for (const signal of SIGNALS) process.removeAllListeners(signal).on(signal, listener)
  }
  listen(handle)
  process.stdout.once('error', closed)
  if (late !== null) handle(late)
  return {
    signal: controller.signal,
    stop: () => {
      listen(remember)
      process.stdout.off('error', closed)
    },
  }
}

/**
 * Node ignores SIGPIPE itself, and must: commands that end before they read their input raise it. A reader that went
 * away, or a terminal that hung up, shows as an error of the stream.
 */
function surviveClosedOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (process.stdout.listenerCount('error') > 1) return
    if (error.code === 'EPIPE' || process.stdout.isTTY) process.exit(128 + constants.signals.SIGPIPE)
    process.stderr.write(`nsctl: the output cannot be written: ${error.message}\n`)
    process.exit(1)
  })
  process.stderr.on('error', () => {})
}

/** Throws Interrupted on Ctrl-C, and once `limit` is aborted; Ctrl-D is a no. */
async function ask(question: string, limit?: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const interrupt = new AbortController()
  terminal.once('SIGINT', () => interrupt.abort(new Interrupted('SIGINT')))
  const signal = AbortSignal.any([interrupt.signal, ...(limit ? [limit] : [])])
  try {
    const answer = await terminal.question(`${question} Only "yes" goes ahead: `, { signal })
    return answer.trim() === 'yes'
  } catch (error) {
    process.stdout.write('\n')
    if (signal.aborted) throw interrupt.signal.aborted ? interrupt.signal.reason : error
    return false
  } finally {
    terminal.close()
  }
}

/**
 * Node waits until a terminal has taken what is written. One that takes no more, at the far end of a connection that a
 * change has just cut, or after Ctrl-S, would keep nsctl waiting with the lock in its hand. What it opens again, as root
 * can, is its own to set so: nobody who shares the terminal notices.
 */
function surviveStuckTerminal(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const { _handle: handle } = stream as { _handle?: { setBlocking?(on: boolean): void } }
    if (stream.isTTY && process.getuid?.() === 0) handle?.setBlocking?.(false)
  }
}

surviveClosedOutput()
surviveStuckTerminal()
main().then(
  code => {
    process.exitCode = code
  },
  error => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    process.stderr.write(`nsctl: ${escapeLines(text)}\n`)
    process.exitCode = 1
  },
)
