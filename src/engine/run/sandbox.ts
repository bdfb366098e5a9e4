import { CommandFailed, type Run } from '../../kernel/process/run.ts'
import { findTool } from '../../kernel/process/tools.ts'
import { furnish, isolation, OUTSIDE, ownCommand, refusalAdvice } from '../../kernel/sandbox.ts'
import type { HostAccess } from '../host/access.ts'

export type SandboxOutcome =
  /** The command line that runs a command in private namespaces, and ends all that runs in there with it. */
  | { kind: 'permitted'; commandLine: string[] }
  /** This user may not have private namespaces. `advice`: what to do about it, line by line. */
  | { kind: 'notPermitted'; why: string; advice: string[] }

/** How to run a command in private namespaces, also without root. Nothing is started but a test. */
export async function privately(command: string[], run: Run): Promise<SandboxOutcome> {
  try {
    await run('unshare', [...isolation(), '--', 'true'])
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    return {
      kind: 'notPermitted',
      why: error.stderr.trim() || error.message,
      advice: refusalAdvice(),
    }
  }
  // The shell is the init process in there: it reaps orphans, which node does not.
  const init = ['/bin/sh', '-c', '"$@"; exit "$?"', 'sh', ...command]
  return {
    kind: 'permitted',
    commandLine: [findTool('unshare') ?? 'unshare', ...isolation(), '--', ...init],
  }
}

/** A throw-away host. */
export interface SandboxHost {
  /** The PATH of an administrator in it, on which `nsctl` is the one that runs now. */
  path: string
  outside: typeof OUTSIDE
}

/** Makes the private namespaces that it runs in a host with an uplink to a client. Throws where a tool fails. */
export async function makeSandboxHost({
  run,
  self,
  environment,
}: Pick<HostAccess, 'run' | 'self' | 'environment'>): Promise<SandboxHost> {
  await furnish(run)
  const path = [ownCommand(self.at(-1) ?? ''), environment.PATH].filter(part => part).join(':')
  return { path: administratorsPath(path), outside: OUTSIDE }
}

/** Ordinary users often lack the directories with `ip` and `iptables`; in here they are root. */
function administratorsPath(path: string): string {
  const directories = path.split(':').filter(directory => directory !== '')
  const missing = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].filter(one => !directories.includes(one))
  return [...directories, ...missing].join(':')
}
