import { execFile } from 'node:child_process'
import { availableParallelism, loadavg, release } from 'node:os'
import { promisify } from 'node:util'
import type { Results } from './result.ts'

/** As much of the machine as a reader needs to judge the figures. */
export async function describeMachine(): Promise<Results['machine']> {
  return {
    cores: availableParallelism(),
    // With others at work, whoever needs many processes waits longer than who needs one.
    load: Math.round((loadavg()[1] ?? 0) * 10) / 10,
    kernel: /^\d+\.\d+/.exec(release())?.[0] ?? '',
    node: process.versions.node,
    ip: await versionOf('ip', /iproute2-([\d.]+)/),
    iptables: await versionOf('iptables', /v([\d.]+)/),
  }
}

async function versionOf(tool: string, pattern: RegExp): Promise<string> {
  const { stdout } = await promisify(execFile)(tool, ['-V'])
  return pattern.exec(stdout)?.[1] ?? '?'
}
