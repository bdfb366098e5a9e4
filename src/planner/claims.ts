import { isDeepStrictEqual } from 'node:util'
import { KINDS, observedState } from '../kinds/all.ts'
import { claimId } from '../kinds/claim.ts'
import { type Kinds, kindOf } from '../kinds/kind.ts'
import type { Change, Plan, Step } from '../model/plan.ts'
import type { Resource } from '../model/resource.ts'
import type { Claim, Snapshot } from '../model/snapshot.ts'

/**
 * A topology's claims on what is not there: of an apply that was killed after it had claimed and before it had made
 * it, or of a removal that was killed before it let go. What comes to stand there later would be taken for nsctl's.
 */
export function staleClaims(topology: string, snapshot: Snapshot): Claim[] {
  const used = valuesOfClaims(topology, snapshot, KINDS)
  return snapshot.claims.filter(claim => claim.holders.includes(topology) && !used.has(claimId(claim)))
}

/**
 * A topology's claims of which it is now known what nsctl has set: the value that was claimed last, or, where that was
 * never written or is taken back, the one before.
 */
export function settledClaims(topology: string, snapshot: Snapshot): Claim[] {
  const replacing = snapshot.claims.filter(
    claim => claim.replaces !== undefined && claim.holders.includes(topology),
  )
  if (replacing.length === 0) return []
  const live = valuesOfClaims(topology, snapshot, KINDS)
  return replacing.flatMap(({ replaces, ...claim }) => {
    const value = live.get(claimId(claim))
    return value !== undefined && [claim.set, replaces].includes(value) ? [{ ...claim, set: value }] : []
  })
}

/** The claims that a topology's live resources are held by, with the value that each is on, where it is on one. */
function valuesOfClaims(topology: string, snapshot: Snapshot, kinds: Kinds): Map<string, string | undefined> {
  const valuesOf = (resource: Resource) => {
    const { claims } = kindOf(resource.kind, kinds)
    const value = claims?.value?.(resource.attributes)
    return (claims?.of(resource) ?? []).map(claim => [claimId(claim), value] as const)
  }
  return new Map([...observedState(snapshot, topology, kinds).values()].flatMap(valuesOf))
}

/** A snapshot as it will be once a plan's claims are let go. */
export function withoutReleased(plan: Plan, snapshot: Snapshot): Snapshot {
  const released = new Set(
    plan.steps.flatMap(({ commands }) =>
      commands.flatMap(command => (command.tool === 'release' ? [claimId(command)] : [])),
    ),
  )
  if (released.size === 0) return snapshot
  const claims = snapshot.claims.flatMap(claim => {
    if (!released.has(claimId(claim))) return [claim]
    const holders = claim.holders.filter(holder => holder !== plan.topology)
    return holders.length > 0 ? [{ ...claim, holders }] : []
  })
  return { ...snapshot, claims }
}

/** A plan in two: what changes the host, and the letting go of claims, which comes once that is proven. */
export function splitReleases(plan: Plan): [Plan, Plan] {
  const isRelease = ({ commands }: Step) => commands[0]?.tool === 'release'
  const of = (steps: Step[]): Plan => ({ ...plan, steps })
  return [of(plan.steps.filter(step => !isRelease(step))), of(plan.steps.filter(isRelease))]
}

/**
 * Changes of a plan that are not in force. This is asked while the claims are still recorded: without them whatever was
 * not deleted, or not given back, looks like somebody else's, and a second plan would be empty.
 */
export function undone(plan: Plan, snapshot: Snapshot, kinds: Kinds = KINDS): Change[] {
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
