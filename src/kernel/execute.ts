import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { restoreInput, restoreTool } from '../model/batch.ts'
import type { Command, Step } from '../model/plan.ts'
import type { Claim } from '../model/snapshot.ts'
import { removeEmpty, writeAtomically } from './atomic-file.ts'
import { executeBatch } from './execute-batches.ts'
import { forgetFlows } from './flows.ts'
import { readNamespaceSysctls } from './read-sysctls.ts'
import { addClaims, releaseClaims } from './records.ts'
import { CommandFailed, type Run } from './run.ts'
import { StepFailed } from './step-failed.ts'

type Of<Tool extends Command['tool']> = Extract<Command, { tool: Tool }>

/** Runs one step: one process, or one write, for all its commands. */
export async function executeStep(run: Run, topology: string, step: Step): Promise<void> {
  const [first] = step.commands
  if (!first) return
  switch (first.tool) {
    case 'ip':
    case 'tc':
      return executeBatch(run, topology, step)
    case 'iptables-restore':
      return executeRestore(run, step, step.commands as Of<'iptables-restore'>[])
    case 'conntrack':
      return forgetFlows(run, step.commands as Of<'conntrack'>[])
    case 'sysctl':
      return executeSysctls(run, step, step.commands as Of<'sysctl'>[])
    case 'claim':
    case 'release':
      return executeRecords(run, topology, step, step.commands as Of<'claim' | 'release'>[])
    default:
      for (const [i, command] of step.commands.entries()) {
        await local(step.changes[i] ?? null, command.tool, () => executeLocally(command))
      }
  }
}

async function executeRestore(run: Run, step: Step, commands: Of<'iptables-restore'>[]): Promise<void> {
  const [first] = commands
  if (!first) return
  const { text, origin } = restoreInput(commands)
  try {
    await run(restoreTool(first), ['--noflush', '--wait', '10'], { input: text })
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    const line = Number(/line:? (\d+)/i.exec(error.stderr)?.[1] ?? Number.NaN)
    const index = origin[line - 1]
    const shown = text.split('\n')[line - 1]
    const why = error.stderr.trim() || error.message
    throw new StepFailed(
      index === undefined ? null : (step.changes[index] ?? null),
      `${restoreTool(first)}${index === undefined || !shown ? '' : `: ${shown}`}`,
      why,
    )
  }
}

async function executeSysctls(run: Run, step: Step, commands: Of<'sysctl'>[]): Promise<void> {
  const [{ namespace } = { namespace: 'host' }] = commands
  if (namespace === 'host') {
    for (const [i, { key, value }] of commands.entries()) {
      await local(step.changes[i] ?? null, 'sysctl', () => writeFileSync(`/proc/sys/${key}`, value))
    }
    return
  }
  const input = commands.map(({ key, value }) => `${key}=${value}\n`).join('')
  try {
    await run('ip', ['netns', 'exec', namespace, 'sysctl', '-q', '-p', '-'], { input })
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    const index = commands.findIndex(({ key }) =>
      [key, asSysctlPrints(key)].some(name => error.stderr.includes(name)),
    )
    throw new StepFailed(step.changes[index] ?? null, `sysctl in namespace ${namespace}`, error.stderr.trim())
  }
}

/** `net.ipv4.conf.eth0/5.forwarding`, of net/ipv4/conf/eth0.5/forwarding. */
function asSysctlPrints(key: string): string {
  return key.replace(/[./]/g, sign => (sign === '/' ? '.' : '/'))
}

/** All claims of a step in one write: they are on disk before what they are for. */
async function executeRecords(
  run: Run,
  topology: string,
  step: Step,
  commands: Of<'claim' | 'release'>[],
): Promise<void> {
  const claims = commands.flatMap(command => (command.tool === 'claim' ? [withoutTool(command)] : []))
  const releases = commands.filter(({ tool }) => tool === 'release')
  await local(step.changes[0] ?? null, 'records', async () => {
    if (claims.length > 0) addClaims(await completed(run, claims), topology)
    if (releases.length > 0) releaseClaims(releases, topology)
  })
}

function withoutTool({ tool: _, ...claim }: Of<'claim'>): Omit<Claim, 'holders'> {
  return claim
}

async function executeLocally(command: Command): Promise<void> {
  switch (command.tool) {
    case 'mkdir':
      refuseLink(dirname(command.path))
      // The umask may have taken bits away.
      if (mkdirSync(command.path, { recursive: true, mode: 0o755 })) chmodSync(command.path, 0o755)
      return refuseLink(command.path)
    case 'write':
      refuseLink(dirname(dirname(command.path)))
      refuseLink(dirname(command.path))
      return writeAtomically(command.path, command.content, 0o644)
    case 'unlink':
      return rmSync(command.path, { force: true })
    case 'rmdir':
      return removeEmpty(command.path)
  }
}

/** Fills in what only the moment of claiming can say. */
async function completed(run: Run, claims: Omit<Claim, 'holders'>[]): Promise<Omit<Claim, 'holders'>[]> {
  const isUnread = ({ kind, before }: Omit<Claim, 'holders'>) => kind === 'sysctl' && before === null
  const inside = claims.filter(claim => isUnread(claim) && claim.scope !== 'host')
  const keys = new Map<string, string[]>()
  for (const { scope, key } of inside) keys.set(scope, [...(keys.get(scope) ?? []), key])
  const values = await readNamespaceSysctls(run, keys, false)
  return claims.map(claim => {
    const { kind, scope, key, before } = claim
    const family = key.includes('ipv6') ? 'ipv6' : 'ipv4'
    const hostWide = scope === 'host' && (kind === 'sysctl' || kind === 'policy')
    const live = () => (scope === 'host' ? liveValue(key) : (values.get(scope)?.[key] ?? null))
    return {
      ...claim,
      before: isUnread(claim) ? live() : before,
      allForwarding: hostWide ? liveValue(`net/${family}/conf/all/forwarding`) : null,
    }
  })
}

function liveValue(key: string): string | null {
  try {
    return readFileSync(`/proc/sys/${key}`, 'utf8').trim()
  } catch {
    return null
  }
}

function refuseLink(directory: string): void {
  if (!lstatSync(directory).isDirectory()) throw new Error(`${directory} is not a directory`)
}

async function local(change: string | null, what: string, act: () => void | Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    throw new StepFailed(change, what, (error as Error).message)
  }
}
