import { isDeepStrictEqual } from 'node:util'
import { KINDS, observedState } from '../kinds/all.ts'
import { type Kinds, kindOf } from '../kinds/kind.ts'
import { claimId } from '../kinds/settings/claim.ts'
import type { Claim, Snapshot } from '../model/host/snapshot.ts'
import type { Change, Plan } from '../model/plan/plan.ts'
import type { Resource } from '../model/plan/resource.ts'

/**
 * A host that was read back, with its claims as they are to be once the plan is verified; the same object where none
 * changes. The plan's topology holds a claim no longer when
 *
 * - the plan releases it, or
 * - what it is on is not there: an apply was killed after it had claimed and before it had changed anything, or a
 *   deletion before it released. Whatever comes to be there later would be taken for nsctl's.
 *
 * Of a claim whose value was set anew it is now known which of the two values is in force.
 */
export function withClaimsSettled(plan: Plan, held: Snapshot, kinds: Kinds = KINDS): Snapshot {
  const snapshot = withoutReleased(plan, held)
  const { topology } = plan
  if (!snapshot.claims.some(({ holders }) => holders.includes(topology))) return snapshot
  const live = liveClaims(topology, snapshot, kinds)
  return withClaims(snapshot, claim => {
    if (!claim.holders.includes(topology)) return claim
    const id = claimId(claim)
    return live.has(id) ? withValue(claim, live.get(id)) : withoutHolder(claim, topology)
  })
}

/** A topology's claims on what is not there. */
export function staleClaims(topology: string, snapshot: Snapshot, kinds: Kinds = KINDS): Claim[] {
  const live = liveClaims(topology, snapshot, kinds)
  return snapshot.claims.filter(claim => claim.holders.includes(topology) && !live.has(claimId(claim)))
}

function withoutReleased({ topology, steps }: Plan, held: Snapshot): Snapshot {
  const released = new Set(
    steps.flatMap(({ commands }) =>
      commands.flatMap(command => (command.tool === 'release' ? [claimId(command)] : [])),
    ),
  )
  return withClaims(held, claim => (released.has(claimId(claim)) ? withoutHolder(claim, topology) : claim))
}

/** The same snapshot where every claim stays the same object. */
function withClaims(snapshot: Snapshot, settled: (claim: Claim) => Claim): Snapshot {
  const claims = snapshot.claims.map(settled)
  if (claims.every((claim, i) => claim === snapshot.claims[i])) return snapshot
  return { ...snapshot, claims: claims.filter(({ holders }) => holders.length > 0) }
}

function withoutHolder(claim: Claim, topology: string): Claim {
  return { ...claim, holders: claim.holders.filter(holder => holder !== topology) }
}

/** The value that was claimed last, or, where that was never written or was rolled back, the one before. */
function withValue(claim: Claim, value: string | undefined): Claim {
  const { replaces, ...rest } = claim
  const isKnown = replaces !== undefined && value !== undefined && [claim.set, replaces].includes(value)
  return isKnown ? { ...rest, set: value } : claim
}

/** The claims that a topology's live resources are held by, with the value that each is on, where it is on one. */
function liveClaims(topology: string, snapshot: Snapshot, kinds: Kinds): Map<string, string | undefined> {
  const claimsOf = (resource: Resource) => {
    const { claims } = kindOf(resource.kind, kinds)
    const value = claims?.value?.(resource.attributes)
    return (claims?.of(resource) ?? []).map(claim => [claimId(claim), value] as const)
  }
  return new Map([...observedState(snapshot, topology, kinds).values()].flatMap(claimsOf))
}

/**
 * Changes of a plan that are not in force. This is asked while the claims are still recorded: without them whatever was
 * not deleted, or not given back, looks like somebody else's, and a second plan would be empty.
 */
export function notInForce(plan: Plan, snapshot: Snapshot, kinds: Kinds = KINDS): Change[] {
  const observed = observedState(snapshot, plan.topology, kinds)
  return plan.changes.filter(change => !isInForce(change, observed.get(change.id), snapshot, kinds))
}

function isInForce(
  { action, kind, before, after }: Change,
  now: Resource | undefined,
  snapshot: Snapshot,
  kinds: Kinds,
): boolean {
  if (action === 'delete') return !now?.owned || !isDeepStrictEqual(now.attributes, before)
  // Of what is desired the second plan tells.
  if (action !== 'update' || after === null) return true
  return kindOf(kind, kinds).giveBack?.inForce?.(after, snapshot) ?? true
}
