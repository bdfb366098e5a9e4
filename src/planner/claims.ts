import { isDeepStrictEqual } from 'node:util'
import { kindOf, observedState } from '../kinds/all.ts'
import { claimId } from '../kinds/claim.ts'
import type { Change, Plan, Step } from '../model/plan.ts'
import type { Claim, Snapshot } from '../model/snapshot.ts'

/**
 * A topology's claims on what is not there: of an apply that was killed after it had claimed and before it had made
 * it, or of a removal that was killed before it let go. What comes to stand there later would be taken for nsctl's.
 */
export function staleClaims(topology: string, snapshot: Snapshot): Claim[] {
  const owned = [...observedState(snapshot, topology).values()].filter(resource => resource.owned)
  const used = new Set(
    owned
      .flatMap(resource => kindOf(resource.kind).remove(resource))
      .flatMap(({ command }) => (command.tool === 'release' ? [claimId(command)] : [])),
  )
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
  const live = new Map(
    [...observedState(snapshot, topology).values()].flatMap(resource =>
      kindOf(resource.kind)
        .remove(resource)
        .flatMap(({ command }) =>
          command.tool === 'release' ? [[claimId(command), resource.attributes.value] as const] : [],
        ),
    ),
  )
  return replacing.flatMap(({ replaces, ...claim }) => {
    const value = live.get(claimId(claim))
    return value === claim.set || value === replaces ? [{ ...claim, set: value as string }] : []
  })
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
 * Changes of a plan that have not come to pass, told while the claims are still held: once they are let go, what is left
 * behind, and what was not given back, would count for somebody else's.
 */
export function undone(plan: Plan, snapshot: Snapshot): Change[] {
  const state = observedState(snapshot, plan.topology)
  return plan.changes.filter(({ action, kind, id, before, after }) => {
    const now = state.get(id)
    if (action === 'delete') return now?.owned && isDeepStrictEqual(now.attributes, before)
    if (action !== 'update' || !after) return false
    const inForce = kindOf(kind).inForce?.(after, snapshot)
    return inForce === undefined
      ? now && after.value !== undefined && now.attributes.value !== after.value
      : !inForce
  })
}
