import type { ProbeResult } from '../../model/plan/verification.ts'
import type { Run } from '../process/run.ts'
import { findTool } from '../process/tools.ts'
import { entering, pathOf } from '../read/in-namespaces.ts'

/** Whether there is anything to ping with: only `ping` may send ICMP without being written in C. */
export function canPing(): boolean {
  return findTool('ping') !== null
}

/** Pings once, and once more where nothing came back within a second. */
export async function ping(run: Run, place: string, address: string): Promise<ProbeResult> {
  const started = performance.now()
  const args = ['-n', '-c', '1', '-W', '1', address]
  const [tool, vector] =
    place === 'host' ? ['ping', args] : ['nsenter', entering(place, [pathOf('ping'), ...args])]
  const once = async () => {
    const { exitCode, stdout, stderr } = await run(tool as string, vector as string[], { accept: [1, 2] })
    const ms = Number(/time=([\d.]+) ms/.exec(stdout)?.[1] ?? performance.now() - started)
    const error = /Destination .*Unreachable|Network is unreachable|Permission denied|Invalid argument/i.exec(
      stdout + stderr,
    )
    const said = error?.[0] ?? (exitCode === 2 ? stderr.trim() || 'ping failed' : null)
    const outcome = exitCode === 0 ? 'answered' : said === null ? 'silent' : 'failed'
    return { outcome, error: said, ms: Math.round(ms * 10) / 10 } as const
  }
  const first = await once()
  return first.outcome === 'silent' ? once() : first
}
