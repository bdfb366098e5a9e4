import type { Foreground } from '../kernel/foreground.ts'
import { CommandFailed, type Run } from '../kernel/run.ts'
import { furnish, isolation, OUTSIDE, ownCommand, refusalAdvice } from '../kernel/sandbox.ts'
import { findTool } from '../kernel/tools.ts'
import { NOT_STARTED } from './exit-codes.ts'
import { shellOf } from './shell.ts'

export interface SandboxContext {
  run: Run
  foreground: Foreground
  environment: NodeJS.ProcessEnv
  /** What starts this very nsctl: node, its options, the script. */
  self: string[]
  /** Writes a line for the person at the terminal. */
  say(line: string): void
}

/**
 * A throw-away host: runs `sandbox-init` in namespaces of their own. The shell is their init: while it waits it buries
 * orphans, which node does not, and when it ends, everything that still runs in there ends.
 */
export async function sandbox(command: string[], context: SandboxContext): Promise<number> {
  const { run, foreground, environment, self, say } = context
  try {
    await run('unshare', [...isolation(), '--', 'true'])
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    say(`nsctl sandbox: private namespaces are not permitted here: ${error.stderr.trim() || error.message}`)
    for (const line of refusalAdvice()) say(`  ${line}`)
    return NOT_STARTED
  }
  const init = ['/bin/sh', '-c', '"$@"; exit "$?"', 'sh', ...self, 'sandbox-init', '--', ...command]
  const { exitCode, problem } = await foreground(
    [findTool('unshare') ?? 'unshare', ...isolation(), '--', ...init],
    {
      environment,
      to: 'descriptor',
    },
  )
  if (problem === null) return exitCode
  say(`nsctl sandbox: ${problem}`)
  return NOT_STARTED
}

/** The inner half: makes the host and runs the command in it. */
export async function sandboxInit(command: string[], context: SandboxContext): Promise<number> {
  const { run, foreground, environment, self, say } = context
  try {
    await furnish(run)
  } catch (error) {
    say(`nsctl sandbox: ${error instanceof Error ? error.message : error}`)
    return NOT_STARTED
  }
  if (command.length === 0) for (const line of BANNER) say(line)
  const path = [ownCommand(self.at(-1) ?? ''), environment.PATH].filter(part => part).join(':')
  const { exitCode, problem } = await foreground(command.length > 0 ? command : [shellOf(environment)], {
    environment: { ...environment, PATH: administratorsPath(path) },
    from: 'descriptor',
  })
  if (problem !== null) say(`nsctl sandbox: ${problem}`)
  return exitCode
}

const BANNER = [
  'A throw-away host. Nothing in here touches the real one, and all of it goes when this shell ends.',
  `  ${OUTSIDE.uplink}     ${OUTSIDE.host.join(', ')}: the uplink`,
  `  ${OUTSIDE.namespace}  ${OUTSIDE.client.join(', ')}: a client beyond it, at \`ip netns exec ${OUTSIDE.namespace} …\``,
]

/** Ordinary users often lack the directories with `ip` and `iptables`; in here they are root. */
function administratorsPath(path = ''): string {
  const directories = path.split(':').filter(directory => directory !== '')
  const missing = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].filter(one => !directories.includes(one))
  return [...directories, ...missing].join(':')
}
