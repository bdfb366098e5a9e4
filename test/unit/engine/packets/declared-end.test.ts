import { expect, test } from 'vitest'
import { declaredEnd } from '../../../../src/engine/packets/declared-end.ts'
import type { Flow } from '../../../../src/explain/judgement.ts'
import type { Expectation } from '../../../../src/model/topology.ts'
import { loadTopology } from '../../../../src/topology/load.ts'
import { snapshotOf } from '../../../cases/snapshots.ts'

const { topology } = loadTopology(
  `
name: flask
uplinks: [ens5]
subnets: { web1: 192.168.0.0/24 }
namespaces: { netns1: {} }
veths: [{ subnet: web1, ends: [host:veth0, netns1:veth1] }]
forwards: [{ listen: 6000, to: netns1:8080 }, { listen: "192.0.2.9:7000", to: netns1:80 }]
`,
  'flask.yaml',
  {},
)

test.each<[string, string, string | null]>([
  ['host:6000', '203.0.113.10', 'netns1'],
  ['host:6000', '2001:db8:113::10', 'netns1'],
  ['203.0.113.10:6000', '203.0.113.10', 'netns1'],
  ['host:7000', '203.0.113.10', 'host'],
  ['host:22', '203.0.113.10', 'host'],
  ['netns1:22', '192.168.0.2', 'netns1'],
  ['192.168.0.2:22', '192.168.0.2', 'netns1'],
  ['198.51.100.7:6000', '198.51.100.7', null],
])('%s at %s ends in %s', (to, destination, end) => {
  const port = Number(/:(\d+)$/.exec(to)?.[1])
  const expectation = { from: 'outside', to, protocol: 'tcp' } as Expectation
  expect(declaredEnd(expectation, { destination, port } as Flow, topology, snapshotOf('up-to-date'))).toBe(
    end,
  )
})
