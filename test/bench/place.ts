import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createHost, type Host } from '../kernel/host/host.ts'

/** Compiles one of the programs beside this file; null, said once, where there is no compiler. */
export async function compile(name: 'limit' | 'wire', directory: string): Promise<string | null> {
  const source = fileURLToPath(new URL(`./${name}.c`, import.meta.url))
  const path = `${directory}/${name}`
  try {
    await promisify(execFile)('gcc', ['-O2', '-o', path, source])
    return path
  } catch (error) {
    console.error(
      `${name}.c: left out: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no gcc here' : error}`,
    )
    return null
  }
}

/** A private host to measure in. */
export async function createPlace(): Promise<Host> {
  const host = await createHost()
  await host.run('mkdir', ['-p', '/run/bench'])
  return host
}

/** Measured inside, so that getting there does not count; the shell's own part is one fork. */
const STOPWATCH = `
s=$EPOCHREALTIME
"$@" >/run/bench/stdout 2>/run/bench/stderr </dev/null
c=$?
e=$EPOCHREALTIME
echo "$c $(( \${e/./} - \${s/./} ))"
[ $c = 0 ] || tail -n 5 /run/bench/stderr`

/** Milliseconds that a command takes on a host; throws with what it said when it fails. */
export async function time(host: Host, command: string[], env: Record<string, string> = {}): Promise<number> {
  const { stdout } = await host.run('bash', ['-c', STOPWATCH, 'stopwatch', ...command], {
    env: { LC_ALL: 'C', ...env },
  })
  const [, code, microseconds] = /^(\d+) (\d+)/.exec(stdout) ?? []
  if (code !== '0') throw new Error(`${command.join(' ')}: ${stdout}`)
  return Number(microseconds) / 1000
}

/** Waits until the kernel has buried the namespaces that were deleted: it does so after the command has returned. */
export async function settle(): Promise<void> {
  let least = namespaces()
  for (let still = 0, turns = 0; still < 4 && turns < 200; turns++) {
    await sleep(50)
    const now = namespaces()
    still = now < least ? 0 : still + 1
    least = Math.min(least, now)
  }
}

function namespaces(): number {
  return Number(/^net_namespace +(\d+)/m.exec(readFileSync('/proc/slabinfo', 'utf8'))?.[1] ?? 0)
}
