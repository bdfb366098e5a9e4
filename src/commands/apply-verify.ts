import { readApplied } from '../kernel/records.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Topology } from '../model/topology.ts'
import { expectationKey } from '../model/verification.ts'
import { renderVerification } from '../render/verify.ts'
import { type Context, Refused } from './context.ts'
import { tryExpectations } from './expectations.ts'

/**
 * Tries what a file expects before anything is changed. The function returned tries it again, and throws Refused for
 * what held before, or is new, and does not hold: what was broken all along is said, but is no reason to go back.
 */
export async function keepsExpectations(
  topology: Topology,
  before: Snapshot,
  context: Context,
): Promise<(now: Snapshot) => Promise<void>> {
  const earlier = await tryExpectations(topology, before, context)
  const held = new Set(
    earlier.filter(({ holds }) => holds).map(({ expectation }) => expectationKey(expectation)),
  )
  const known = new Set(readApplied(topology.name)?.expects ?? [])
  return async now => {
    const findings = await tryExpectations(topology, now, context)
    context.say(renderVerification(findings, context.errorColors))
    const broken = findings
      .filter(({ holds }) => !holds)
      .map(({ expectation }) => expectationKey(expectation))
      .filter(key => held.has(key) || !known.has(key))
    if (broken.length === 0) return
    throw new Refused(`${topology.name}: not as expected: ${broken.join('; ')}`)
  }
}
