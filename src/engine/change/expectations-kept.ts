import { readApplied } from '../../kernel/records/records.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import { expectationKey } from '../../model/plan/verification.ts'
import type { Topology } from '../../model/topology.ts'
import type { HostAccess } from '../host/access.ts'
import { checkExpectations } from '../packets/expectations.ts'

/**
 * Checks what a file expects before anything is changed. The function returned checks it again, and returns the
 * expectations that held before, or are new, and do not hold now. Failures that existed before are reported but are no
 * reason to roll back, and neither is what is undetermined.
 */
export async function demandExpectations(
  topology: Topology,
  before: Snapshot,
  access: HostAccess,
): Promise<(now: Snapshot) => Promise<string[]>> {
  const earlier = await checkExpectations(topology, before, access)
  const held = new Set(
    earlier.filter(({ holds }) => holds).map(({ expectation }) => expectationKey(expectation)),
  )
  const known = new Set(readApplied(topology.name)?.expects ?? [])
  return async now => {
    const results = await checkExpectations(topology, now, access)
    access.onProgress({ kind: 'expectations', results })
    return results
      .filter(({ outcome }) => outcome === 'fails')
      .map(({ expectation }) => expectationKey(expectation))
      .filter(key => held.has(key) || !known.has(key))
  }
}
