import { makeSandboxHost, privately, type SandboxHost } from '../../engine/run/sandbox.ts'
import { shellOf } from '../../engine/run/shell.ts'
import { escapeLines, messageOf } from '../../model/text/escape.ts'
import type { Context } from '../context.ts'
import { NOT_STARTED } from '../exit-codes.ts'

/** Runs a command, or the user's shell, on a throw-away host; `sandbox-init` makes that host from within. */
export async function sandbox(command: string[], context: Context): Promise<number> {
  const { run, foreground, environment, self } = context
  const outcome = await privately([...self, 'sandbox-init', '--', ...command], run)
  if (outcome.kind === 'notPermitted') {
    sayLine(`nsctl sandbox: private namespaces are not permitted here: ${outcome.why}`, context)
    for (const line of outcome.advice) sayLine(`  ${line}`, context)
    return NOT_STARTED
  }
  const { exitCode, problem } = await foreground(outcome.commandLine, {
    environment: environment as NodeJS.ProcessEnv,
    to: 'descriptor',
  })
  if (problem === null) return exitCode
  sayLine(`nsctl sandbox: ${problem}`, context)
  return NOT_STARTED
}

/** The inner half: makes the host and runs the command in it. */
export async function sandboxInit(command: string[], context: Context): Promise<number> {
  const { foreground, environment } = context
  const host = await makeSandboxHost(context).catch(error => {
    sayLine(`nsctl sandbox: ${messageOf(error)}`, context)
    return null
  })
  if (host === null) return NOT_STARTED
  if (command.length === 0) for (const line of bannerOf(host)) sayLine(line, context)
  const { exitCode, problem } = await foreground(command.length > 0 ? command : [shellOf(environment)], {
    environment: { ...(environment as NodeJS.ProcessEnv), PATH: host.path },
    from: 'descriptor',
  })
  if (problem !== null) sayLine(`nsctl sandbox: ${problem}`, context)
  return exitCode
}

function bannerOf({ outside: { namespace, uplink, host, client } }: SandboxHost): string[] {
  return [
    'A throw-away host. Nothing in here touches the real one, and all of it goes when this shell ends.',
    `  ${uplink}     ${host.join(', ')}: the uplink`,
    `  ${namespace}  ${client.join(', ')}: a client beyond it, at \`ip netns exec ${namespace} …\``,
  ]
}

function sayLine(line: string, { say }: Context): void {
  say(`${escapeLines(line)}\n`)
}
