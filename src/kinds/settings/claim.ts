import type { Claim, Snapshot } from '../../model/host/snapshot.ts'
import type { Operation } from '../../model/plan/plan.ts'
import { lookup } from '../../model/text/lookup.ts'

/** What a claim is on. */
export type Claimed = Pick<Claim, 'kind' | 'scope' | 'key'>

export function claimId({ kind, scope, key }: Claimed): string {
  return `${kind} ${scope} ${key}`
}

const claimNamed = lookup<Claim>(claim => [claimId(claim)])

/** The claim on something, whichever topologies hold it. */
export function claimOn({ claims }: Snapshot, claimed: Claimed): Claim | undefined {
  return claimNamed(claims, claimId(claimed))
}

export function isHeldBy(snapshot: Snapshot, topology: string, claimed: Claimed): boolean {
  return claimOn(snapshot, claimed)?.holders.includes(topology) ?? false
}

/** Other topologies that hold it. */
export function otherHolders(snapshot: Snapshot, topology: string, claimed: Claimed): string[] {
  return (claimOn(snapshot, claimed)?.holders ?? []).filter(holder => holder !== topology)
}

/** Remembers the value before; null: the one that is there when the claim is made. */
export function claimValue(claimed: Claimed, before: string | null, set: string): Operation {
  const { kind, scope, key } = claimed
  return { stage: 'claim', command: { tool: 'claim', kind, scope, key, before, set, allForwarding: null } }
}

/** What nsctl makes, and is there or not, without a value: its key stands for that. */
export function claimObject(claimed: Claimed): Operation {
  return claimValue(claimed, null, claimed.key)
}

export function release({ kind, scope, key }: Claimed): Operation {
  return { stage: 'release', command: { tool: 'release', kind, scope, key } }
}
