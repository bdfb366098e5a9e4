import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import pc from 'picocolors'
import { describe, expect, test } from 'vitest'
import { desiredState } from '../../../src/kinds/all.ts'
import { type Plan, STAGES } from '../../../src/model/plan/plan.ts'
import { makePlan, planDestroy, planTopology } from '../../../src/planner/plan.ts'
import { resolveTopology } from '../../../src/planner/resolve.ts'
import { renderPlan } from '../../../src/render/plan/plan.ts'
import { loadTopology } from '../../../src/topology/load.ts'
import { snapshotOf } from '../../cases/snapshots.ts'
import { FRESH, topologies } from './topologies.ts'

/** From one topology to another, as if the first stood exactly as it was meant. */
const edits: fc.Arbitrary<Plan> = fc.tuple(topologies, topologies).map(([before, after]) => {
  const [was, is] = [before, after].map(topology => desiredState(resolveTopology(topology, FRESH), FRESH))
  return makePlan('random', 'random', was ?? new Map(), is ?? new Map(), [])
})

const fresh: fc.Arbitrary<Plan> = topologies.map(topology => planTopology(topology, FRESH))

describe.each([
  ['of a topology on a fresh host', fresh],
  ['of an edit', edits],
])('a plan %s', (_, plans) => {
  test('is plain JSON', () => {
    fc.assert(
      fc.property(plans, plan => {
        expect(JSON.parse(JSON.stringify(plan))).toStrictEqual(plan)
      }),
    )
  })

  test('counts its changes, and lists each once', () => {
    fc.assert(
      fc.property(plans, ({ changes, summary }) => {
        for (const action of ['create', 'update', 'replace', 'delete'] as const)
          expect(changes.filter(change => change.action === action)).toHaveLength(summary[action])
        expect(new Set(changes.map(({ id }) => id)).size).toBe(changes.length)
      }),
    )
  })

  test('has a line for each change', () => {
    fc.assert(
      fc.property(plans, plan => {
        const lines = renderPlan(plan, pc.createColors(false)).split('\n')
        expect(lines.filter(line => /^( {4})?[-+~±] \S/.test(line))).toHaveLength(plan.changes.length)
      }),
    )
  })

  test('has its steps in the order of the stages', () => {
    fc.assert(
      fc.property(plans, ({ steps }) => {
        const places = steps.map(({ stage }) => STAGES.indexOf(stage))
        expect(places).toEqual(places.toSorted((a, b) => a - b))
      }),
    )
  })

  test('tells of every command which change it is for', () => {
    fc.assert(
      fc.property(plans, ({ steps, changes }) => {
        const ids = new Set(changes.map(({ id }) => id))
        for (const step of steps) {
          expect(step.changes).toHaveLength(step.commands.length)
          expect(step.changes.filter(id => !ids.has(id))).toEqual([])
        }
      }),
    )
  })
})

describe('every change is carried out by a command', () => {
  test('on a fresh host', () => {
    fc.assert(
      fc.property(fresh, plan => {
        expect(withoutCommand(plan)).toEqual([])
      }),
    )
  })

  const CASES = fileURLToPath(new URL('../../cases/', import.meta.url))
  const folders = readdirSync(CASES, { withFileTypes: true }).filter(entry => entry.isDirectory())
  test.each(folders.map(({ name }) => name))('in the case %s', name => {
    const { topology } = loadTopology(
      readFileSync(`${CASES}${name}/topology.yaml`, 'utf8'),
      'topology.yaml',
      {},
    )
    const snapshot = snapshotOf(name)
    expect(withoutCommand(planTopology(topology, snapshot))).toEqual([])
    expect(withoutCommand(planDestroy(topology.name, snapshot))).toEqual([])
  })
})

/** Changes that nothing is done for, but for what the kernel does together with something else. */
function withoutCommand({ changes, steps }: Plan): string[] {
  const done = new Set(steps.flatMap(step => step.changes))
  return changes
    .filter(({ id, reason }) => !done.has(id) && !reason.startsWith('goes with'))
    .map(({ id }) => id)
}
