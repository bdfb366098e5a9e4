import { expect, test } from 'vitest'
import { planTopology } from '../../../src/planner/plan.ts'
import { loadTopology } from '../../../src/topology/load.ts'
import { snapshotOf } from '../../cases/snapshots.ts'

const TEXT =
  'name: web\nsubnets: { s: 10.200.0.0/24 }\nnamespaces: { n: {} }\nveths: [{ subnet: s, ends: [host, n] }]\n'

test('a plan from a snapshot that was read for other networks says that it cannot see all routes', () => {
  const { topology } = loadTopology(TEXT, 'web.yaml', {})
  const codes = (wholeFor: string[]) => {
    const snapshot = snapshotOf('.')
    snapshot.host.routesLeftOut = { count: 200_000, wholeFor }
    return planTopology(topology, snapshot).findings.map(({ code, subject }) => `${code}:${subject}`)
  }
  expect(codes(['10.1.0.0/24'])).toEqual(['routes-unknown:s'])
  expect(codes(['10.200.0.0/16'])).toEqual([])
})
