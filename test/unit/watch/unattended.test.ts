import { describe, expect, test } from 'vitest'
import { desiredState, observedState } from '../../../src/kinds/all.ts'
import { planTopology } from '../../../src/planner/plan.ts'
import { loadTopology } from '../../../src/topology/load.ts'
import { objectionTo } from '../../../src/watch/unattended.ts'
import { snapshotOf } from '../../cases/snapshots.ts'

const APPLIED = snapshotOf('up-to-date')

/** What is said of a text that takes the place of the one that is in force. */
function objection(text: string, { onDisk = true } = {}): string | null {
  const { topology } = loadTopology(text, 'flask.yaml', {})
  const plan = planTopology(topology, APPLIED)
  const observed = observedState(APPLIED, 'flask')
  return objectionTo({ plan, observed, accept: topology.accept, text: onDisk ? text : null })?.code ?? null
}

const ONE = `name: flask
uplinks: [ens5]
subnets: { web1: 192.168.0.0/24 }
namespaces: { netns1: {} }
veths:
  - { subnet: web1, ends: [host:veth0, netns1:veth1] }
`

describe('a plan that nobody looked at', () => {
  test('may take away a part', () => {
    expect(objection(`${ONE}forwards:\n  - { listen: 6000, to: netns1:8080 }\n`)).toBeNull()
  })

  test.each([
    ['the whole topology', 'name: flask\n'],
    ['every namespace for another', 'name: flask\nnamespaces: { other: {} }\n'],
  ])('may not take away %s', (_, text) => {
    expect(objection(text)).toBe('mass-delete')
    expect(objection(`${text}accept: ["mass-delete:flask"]\n`)).toBeNull()
  })

  test('may take nothing away for a file whose end is missing, unless a commit vouches for it', () => {
    const cut = ONE.trimEnd()
    expect(objection(cut)).toBe('cut-off')
    expect(objection(cut, { onDisk: false })).toBeNull()
  })

  test('is no worse for a missing end where nothing goes', () => {
    const { topology } = loadTopology(ONE, 'flask.yaml', {})
    const fresh = snapshotOf('.')
    expect(desiredState(topology, fresh).size).toBeGreaterThan(0)
    const plan = planTopology(topology, fresh)
    expect(objectionTo({ plan, observed: new Map(), accept: [], text: ONE.trimEnd() })).toBeNull()
  })
})
