import { isBatchable } from '../model/batch.ts'
import { markOf } from '../model/ownership.ts'
import { parseArrays } from './json.ts'
import type { Run } from './run.ts'

/** Links of the host that are deleted one by one below this, since the other way takes four processes. */
const FEW = 5

/** Groups that links are put into to be deleted: next to nsctl's own, so that nobody numbers by hand there. */
const DOOMED = 0x4d000000

/**
 * Deletes links of the host, all down by now. One by one each waits for the kernel's RCU, some 20 ms; a group waits
 * once. But a group takes whatever is in it: it has to be one that no link is in, and before it goes there must be
 * nothing but these in it. Returns false, with nothing deleted, where that cannot be said.
 */
export async function deleteTogether(run: Run, topology: string, names: string[]): Promise<boolean> {
  if (names.length < FEW || !isBatchable({ args: names })) return false
  const group = freeGroup(await linksIn(run, []))
  // The group is no mark any more: whoever finds them there after a crash knows them by their alias.
  const lines = names.map(name => `link set dev ${name} group ${group} alias ${markOf(topology)}\n`)
  await run('ip', ['-batch', '-'], { input: lines.join('') })
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
