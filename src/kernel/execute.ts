import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { restoreInput, restoreTool } from '../model/batch.ts'
import type { Command, Step } from '../model/plan.ts'
import type { Claim } from '../model/snapshot.ts'
import { executeBatch } from './execute-batches.ts'
import { forgetFlows } from './flows.ts'
import { readNamespaceSysctls } from './read-sysctls.ts'
import { addClaims, releaseClaims, removeEmpty, writeAtomically } from './records.ts'
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
    default:
      for (const [i, command] of step.commands.entries()) {
        await local(step.changes[i] ?? null, command, () => executeLocally(run, topology, command))
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
      await local(step.changes[i] ?? null, commands[i] as Command, () =>
        writeFileSync(`/proc/sys/${key}`, value),
      )
    }
    return
  }
  const input = commands.map(({ key, value }) => `${key}=${value}\n`).join('')
  try {
    await run('ip', ['netns', 'exec', namespace, 'sysctl', '-q', '-p', '-'], { input })
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    const index = commands.findIndex(({ key }) => error.stderr.includes(key))
    throw new StepFailed(step.changes[index] ?? null, `sysctl in namespace ${namespace}`, error.stderr.trim())
  }
}

async function executeLocally(run: Run, topology: string, command: Command): Promise<void> {
  switch (command.tool) {
    case 'claim': {
      const { tool: _, ...claim } = command
      return addClaims([await completed(run, claim)], topology)
    }
    case 'release':
      return releaseClaims([command], topology)
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
async function completed(run: Run, claim: Omit<Claim, 'holders'>): Promise<Omit<Claim, 'holders'>> {
  const family = claim.key.includes('ipv6') ? 'ipv6' : 'ipv4'
  const hostWide = claim.scope === 'host' && (claim.kind === 'sysctl' || claim.kind === 'policy')
  const allForwarding = hostWide ? liveValue(`net/${family}/conf/all/forwarding`) : null
  if (claim.before !== null || claim.kind !== 'sysctl') return { ...claim, allForwarding }
  if (claim.scope === 'host') return { ...claim, before: liveValue(claim.key), allForwarding }
  const values = await readNamespaceSysctls(run, new Map([[claim.scope, [claim.key]]]), false)
  return { ...claim, before: values.get(claim.scope)?.[claim.key] ?? null }
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

async function local(
  change: string | null,
  command: Command,
  act: () => void | Promise<void>,
): Promise<void> {
  try {
    await act()
  } catch (error) {
    throw new StepFailed(change, command.tool, (error as Error).message)
  }
}
