import { Socket } from 'node:net'
import { constants } from 'node:os'
import { Readable } from 'node:stream'

interface ForegroundOptions {
  environment: NodeJS.ProcessEnv
  /**
   * Where signals that are sent to nsctl go. `child`: straight to the child. `descriptor`: their names are written to
   * the child's descriptor 3, for a nsctl further down that has `from: 'descriptor'`.
   */
  to?: 'child' | 'descriptor'
  /** Whence signals for the child come; the end of descriptor 3 means that the sender died, and the child goes too. */
  from?: 'process' | 'descriptor'
}

interface ForegroundResult {
  /** As `env` gives it: 126 cannot be invoked, 127 not found, 128+n ended by signal n. */
  exitCode: number
  /** Why it could not be started. */
  problem: string | null
}

/** Runs a command on nsctl's own terminal, in its process group, so that job control and Ctrl-C work as without nsctl. */
export type Foreground = (command: string[], options: ForegroundOptions) => Promise<ForegroundResult>

const CONTROL = 3
const SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const
type Relayed = (typeof SIGNALS)[number]

/** A terminal sends these to the whole foreground process group: the child has had them. */
const FROM_TERMINAL: readonly string[] = ['SIGINT', 'SIGQUIT']

export const runForeground: Foreground = async ([file = '', ...args], { environment, to, from }) => {
  const { execa } = await import('execa')
  // Before there is a child: a signal that comes while it starts would end nsctl alone.
  const silence = listen(from === 'descriptor' ? () => {} : signal => send(signal))
  const control = new Readable({ read() {} })
  const child = execa(file, args, {
    stdio: [
      'inherit',
      'inherit',
      'inherit',
      ...(to === 'descriptor' ? [['pipe' as const, control] as const] : []),
    ],
    env: environment,
    extendEnv: false,
    reject: false,
    cleanup: false,
  })
  const send = (signal: Relayed | 'SIGKILL') => {
    if (to === 'descriptor') control.push(`${signal}\n`)
    else child.kill(signal)
  }
  const disconnect = from === 'descriptor' ? receive(send) : () => {}
  try {
    const { exitCode, signal, code, shortMessage } = await child
    if (exitCode !== undefined) return { exitCode, problem: null }
    if (signal !== undefined) return { exitCode: 128 + constants.signals[signal], problem: null }
    if (code === 'ENOENT') return { exitCode: 127, problem: `${file}: not found` }
    const why = code === 'EACCES' ? 'permission denied' : `cannot be run: ${code ?? shortMessage}`
    return { exitCode: 126, problem: `${file}: ${why}` }
  } finally {
    control.push(null)
    silence()
    disconnect()
  }
}

/** While the child has the terminal no signal ends nsctl: the child decides, and its exit code says what it decided. */
function listen(send: (signal: Relayed) => void): () => void {
  const listener = (signal: NodeJS.Signals) => {
    if (process.stdin.isTTY && FROM_TERMINAL.includes(signal)) return
    send(signal as Relayed)
  }
  for (const signal of SIGNALS) process.on(signal, listener)
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener)
  }
}

function receive(send: (signal: Relayed | 'SIGKILL') => void): () => void {
  const socket = new Socket({ fd: CONTROL, readable: true, writable: false })
  socket.setEncoding('ascii')
  socket.on('data', (text: string) => {
    for (const signal of SIGNALS) if (text.split('\n').includes(signal)) send(signal)
  })
  socket.on('error', () => send('SIGKILL'))
  socket.on('end', () => send('SIGKILL'))
  return () => socket.destroy()
}
