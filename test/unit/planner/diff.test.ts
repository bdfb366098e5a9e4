import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { desiredState, KINDS } from '../../../src/kinds/all.ts'
import type { Change } from '../../../src/model/plan/plan.ts'
import type { State } from '../../../src/model/plan/resource.ts'
import type { Topology } from '../../../src/model/topology.ts'
import { diff } from '../../../src/planner/diff.ts'
import { resolveTopology } from '../../../src/planner/resolve.ts'
import { followRenames } from '../../../src/planner/steps/renames.ts'
import { FRESH, topologies } from './topologies.ts'

const stateOf = (topology: Topology) => desiredState(resolveTopology(topology, FRESH), FRESH)

/** Some of what there is belongs to somebody else. */
const observed = fc
  .tuple(topologies, fc.func(fc.integer({ min: 0, max: 3 })))
  .map(
    ([topology, chance]): State =>
      new Map([...stateOf(topology)].map(([id, resource]) => [id, { ...resource, owned: chance(id) > 0 }])),
  )

describe('diff', () => {
  test('finds nothing between a state and itself', () => {
    fc.assert(
      fc.property(topologies, topology => {
        expect(diff(stateOf(topology), stateOf(topology))).toEqual([])
      }),
    )
  })

  test('leads from any state to any other', () => {
    fc.assert(
      fc.property(observed, topologies, (before, topology) => {
        const desired = stateOf(topology)
        const after = carriedOut(
          before,
          diff(before, desired).map(({ change }) => change),
          desired,
        )
        expect(diff(after, desired)).toEqual([])
      }),
    )
  })

  test('neither changes nor deletes what is not owned and not declared', () => {
    fc.assert(
      fc.property(observed, topologies, (before, topology) => {
        const desired = stateOf(topology)
        const touched = diff(before, desired).map(({ change }) => change.id)
        const strangers = [...followRenames(before, desired, KINDS).values()].filter(
          ({ id, owned }) => !owned && !desired.has(id),
        )
        expect(strangers.filter(({ id }) => touched.includes(id))).toEqual([])
      }),
    )
  })

  test('replaces and deletes what lies in something that goes', () => {
    fc.assert(
      fc.property(observed, topologies, (before, topology) => {
        const desired = stateOf(topology)
        const differences = diff(before, desired)
        const gone = new Set(
          differences
            .filter(({ change }) => ['delete', 'replace'].includes(change.action))
            .map(({ change }) => change.id),
        )
        const lost = [...followRenames(before, desired, KINDS).values()].filter(
          ({ owned, kind, within }) =>
            owned && kind !== 'namespace' && kind !== 'veth' && within.some(id => gone.has(id)),
        )
        expect(lost.filter(({ id }) => !gone.has(id)).map(({ id }) => id)).toEqual([])
      }),
    )
  })
})

/** What the changes alone say will be there; the kernel carries along what is on a renamed interface. */
function carriedOut(before: State, changes: Change[], desired: State): State {
  const after = new Map(followRenames(before, desired, KINDS))
  for (const { action, id, after: attributes } of changes) {
    const from = desired.get(id) ?? after.get(id)
    if (action === 'delete' || !attributes || !from) after.delete(id)
    else after.set(id, { ...from, attributes })
  }
  return after
}
