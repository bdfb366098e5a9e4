import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { isolation, mayUnshare } from '../../../src/kernel/sandbox.ts'

export interface Result {
  /** 128+n where a signal ended it. */
  exitCode: number
  stdout: string
  stderr: string
}

export interface LaunchOptions {
  input?: string
  /** Added to the environment of the tests. */
  env?: Record<string, string>
  cwd?: string
}

export interface StartOptions extends LaunchOptions {
  namespace?: string
  /** `start` returns once standard output or standard error matches. */
  ready?: RegExp
}

/** A process in the background. */
export interface Started {
  /** Of the tool itself, as the tests' own pid namespace numbers it. */
  pid: number
  /** What it has printed so far. */
  stdout(): string
  stderr(): string
  /** Sends a signal to the tool, not to what carried it into the host. */
  kill(signal: NodeJS.Signals): void
  ended: Promise<Result>
  /** Kills it and waits for it. */
  stop(): Promise<Result>
}

/** What keeps a host's namespaces alive. */
export interface Holder {
  /** Of unshare, whose net, mnt, uts and ipc namespaces are the host's. */
  pid: number
  /** Arguments with which `nsenter` joins. */
  entrance: string[]
  running: Set<Promise<Result>>
  release(): Promise<void>
}

interface Launched {
  child: ChildProcess
  /** Fills while the process runs. */
  output: Result
  ended: Promise<Result>
}

/**
 * Makes the namespaces. The shell is init in them: while it waits for cat it also buries orphans, and when cat sees the
 * end of its input, because of `release` or because the tests died, both end and the kernel kills everything else.
 */
export async function hold(): Promise<Holder> {
  const child = spawn('unshare', [...isolation(), '--', 'sh', '-c', 'echo ready; cat; exit 0'])
  const holder = collect(child, null)
  await untilReady(holder, /ready/)
  const pid = child.pid ?? 0
  const running = new Set<Promise<Result>>()
  return {
    pid,
    entrance: entrance(pid),
    running,
    release: async () => {
      child.stdin?.end()
      await holder.ended
      await Promise.all(running)
    },
  }
}

/** unshare itself stays outside the pid namespace it made, so that one has a name of its own. */
export function entrance(pid: number): string[] {
  const space = (option: string, file = option) => `--${option}=/proc/${pid}/ns/${file}`
  return [
    ...(mayUnshare() ? [] : [space('user'), '--preserve-credentials']),
    space('net'),
    space('mount', 'mnt'),
    space('uts'),
    space('ipc'),
    space('pid', 'pid_for_children'),
  ]
}

/** Starts a tool in the holder's namespaces. */
export function launch(holder: Holder, argv: string[], options: LaunchOptions = {}): Launched {
  const { input = '', env, cwd = process.cwd() } = options
  const child = spawn('nsenter', [...holder.entrance, `--wdns=${cwd}`, '--', ...argv], {
    env: { ...process.env, ...env },
  })
  const launched = collect(child, input)
  holder.running.add(launched.ended)
  const forget = () => holder.running.delete(launched.ended)
  launched.ended.then(forget, forget)
  return launched
}

/** Starts a tool and leaves it running. */
export async function start(
  holder: Holder,
  tool: string,
  args: string[],
  options: StartOptions = {},
): Promise<Started> {
  const prefix = options.namespace ? ['ip', 'netns', 'exec', options.namespace] : []
  const launched = launch(holder, [...prefix, tool, ...args], options)
  const { child, output, ended } = launched
  const pid = await childOf(child)
  if (options.ready) await untilReady(launched, options.ready)

  const kill = (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) process.kill(pid, signal)
  }
  return {
    pid,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    kill,
    ended,
    stop: () => {
      kill('SIGKILL')
      return ended
    },
  }
}

function collect(child: ChildProcess, input: string | null): Launched {
  const output: Result = { exitCode: -1, stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', chunk => {
    output.stdout += chunk
  })
  child.stderr?.setEncoding('utf8').on('data', chunk => {
    output.stderr += chunk
  })
  // A tool that ends before it has read its input breaks the pipe; its exit code says all there is to say.
  child.stdin?.on('error', () => {})
  if (input !== null) child.stdin?.end(input)
  const ended = new Promise<Result>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      output.exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0)
      resolve(output)
    })
  })
  return { child, output, ended }
}

async function untilReady({ child, output, ended }: Launched, pattern: RegExp): Promise<void> {
  const matched = new Promise<void>(resolve => {
    const look = () => {
      if (pattern.test(output.stdout) || pattern.test(output.stderr)) resolve()
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    look()
  })
  const early = ended.then(({ exitCode, stdout, stderr }) => {
    throw new Error(`ended with exit code ${exitCode} before it was ready: ${stdout}${stderr}`)
  })
  await Promise.race([matched, early])
  early.catch(() => {})
}

/** nsenter forks once to get into the pid namespace; the tool is that child. */
async function childOf(parent: ChildProcess): Promise<number> {
  while (parent.exitCode === null && parent.signalCode === null) {
    try {
      const children = readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8').trim()
      if (children !== '') return Number(children.split(' ')[0])
    } catch {
      break
    }
    await sleep(1)
  }
  return 0
}
