import { type BatchCommand, batchInput, isBatchable } from '../../model/command/batch.ts'
import type { IpCommand } from '../../model/command/ip.ts'
import { markOf } from '../../model/ownership.ts'
import type { Run } from '../process/run.ts'
import { parseArrays } from '../read/json.ts'

/** Links of the host that are deleted one by one below this, since the other way takes four processes. */
const FEW = 5

/** Groups that links are put into to be deleted: next to nsctl's own, so that nobody numbers by hand there. */
const DOOMED = 0x4d000000

/**
 * Deletes links of the host, all down by now, if that is all that the commands do. One by one each waits for the kernel's
 * RCU, some 20 ms; a group waits once. But a group takes whatever is in it: it has to be one that no link is in, and
 * before it goes there must be nothing but these in it. Returns false, with nothing deleted, where that is not certain.
 */
export async function deleteTogether(run: Run, topology: string, commands: BatchCommand[]): Promise<boolean> {
  const names = commands.flatMap(command => (deletesHostLink(command) ? [command.dev] : []))
  if (names.length < FEW || names.length < commands.length) return false
  // What cannot be deleted together is then deleted one by one, and the kernel says why not.
  return deleteByGroup(run, topology, names).catch(() => false)
}

function deletesHostLink(command: BatchCommand): command is IpCommand & { op: 'link-delete' } {
  return (
    command.tool === 'ip' &&
    command.op === 'link-delete' &&
    command.namespace === 'host' &&
    isBatchable(command)
  )
}

async function deleteByGroup(run: Run, topology: string, names: string[]): Promise<boolean> {
  const group = freeGroup(await linksIn(run, []))
  // The group is no mark any more: whoever finds them there after a crash knows them by their alias.
  const alias = markOf(topology)
  const moves = names.map(
    (dev): IpCommand => ({ tool: 'ip', namespace: 'host', op: 'link-set', dev, group, alias }),
  )
  await run('ip', ['-batch', '-'], { input: batchInput(moves) })
  const present = await linksIn(run, ['group', String(group)])
  const doomed = new Set(names)
  if (present.length !== names.length || !present.every(({ ifname }) => doomed.has(ifname))) return false
  await run('ip', ['link', 'del', 'group', String(group)])
  return true
}

interface Listed {
  ifname: string
  group?: string
}

async function linksIn(run: Run, selector: string[]): Promise<Listed[]> {
  const args = ['-j', '-N', 'link', 'show', ...selector]
  const { stdout } = await run('ip', args)
  return parseArrays(['ip', ...args].join(' '), stdout, 1)[0] as Listed[]
}

function freeGroup(links: Listed[]): number {
  const used = new Set(links.map(({ group }) => Number(group ?? 0)))
  let group = DOOMED
  while (used.has(group)) group++
  return group
}
