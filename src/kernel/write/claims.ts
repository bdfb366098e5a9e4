import { readFileSync } from 'node:fs'
import { type CommandOf, commandsOf } from '../../model/command/command.ts'
import type { Claim } from '../../model/host/snapshot.ts'
import type { Batch } from '../../model/plan/plan.ts'
import type { Run } from '../process/run.ts'
import { readNamespaceSysctls } from '../read/sysctls.ts'
import { addClaims } from '../records/records.ts'
import { StepFailed } from './step-failed.ts'

/** All claims of a batch in one write: they are on disk before what they are for. */
export async function applyClaims(run: Run, topology: string, batch: Batch): Promise<StepFailed[]> {
  const claims = commandsOf(batch.commands, 'claim').map(withoutTool)
  try {
    addClaims(await completed(run, claims), topology)
    return []
  } catch (error) {
    return [new StepFailed(batch.changes[0] ?? null, 'records', (error as Error).message)]
  }
}

function withoutTool({ tool: _, ...claim }: CommandOf<'claim'>): Omit<Claim, 'holders'> {
  return claim
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
