import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { entrance } from './holder.ts'
import type { Host } from './host.ts'

/** A command on a terminal of its own, on a private host. */
export interface Terminal {
  type(keys: string): void
  /** Waits for what matches behind all that was seen before; throws when the command ends first. */
  sees(pattern: RegExp): Promise<RegExpExecArray>
  /** The command's exit code. */
  ended: Promise<number>
  kill(): void
}

interface TerminalOptions {
  env?: Record<string, string>
  cwd?: string
}

/** `line` is one for a shell. */
export function openTerminal(
  host: Pick<Host, 'pid'>,
  line: string,
  { env = {}, cwd = process.cwd() }: TerminalOptions = {},
): Terminal {
  const command = ['script', '-qefc', line, '/dev/null']
  const child = spawn('nsenter', [...entrance(host.pid), `--wdns=${cwd}`, '--', ...command], {
    env: { ...process.env, SHELL: '/bin/sh', TERM: 'dumb', ...env },
  })
  let output = ''
  let seen = 0
  let over = false
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
  const ended = new Promise<number>(resolve => {
    child.once('close', (code, signal) => {
      over = true
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0))
    })
  })
  const sees = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(output.slice(seen))
      if (match) {
        seen += match.index + match[0].length
        return match
      }
      if (over) throw new Error(`ended without ${pattern}: ${JSON.stringify(output.slice(seen))}`)
      await Promise.race([new Promise(resolve => child.stdout.once('data', resolve)), ended])
    }
  }
  return { type: keys => void child.stdin.write(keys), sees, ended, kill: () => void child.kill('SIGKILL') }
}
