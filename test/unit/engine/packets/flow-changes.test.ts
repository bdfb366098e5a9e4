import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { flowChanges } from '../../../../src/engine/packets/flow-changes.ts'
import { addressOf, familyOf } from '../../../../src/model/address.ts'
import type { Route, Snapshot } from '../../../../src/model/host/snapshot.ts'
import { planDestroy, planTopology } from '../../../../src/planner/plan.ts'
import { loadTopology } from '../../../../src/topology/load.ts'
import { snapshotOf } from '../../../cases/snapshots.ts'

const file = fileURLToPath(new URL('../../../cases/fresh-host/topology.yaml', import.meta.url))
const { topology } = loadTopology(readFileSync(file, 'utf8'), file, {})

/** Recorded hosts lack the local tables, which no plan depends on. */
function recorded(name: string): Snapshot {
  const snapshot = snapshotOf(name)
  for (const { links, routes } of [snapshot.host, ...Object.values(snapshot.namespaces)])
    routes.push(...links.flatMap(link => link.addresses.map(({ address }) => local(address, link.name))))
  return snapshot
}

function local(address: string, dev: string): Route {
  const family = familyOf(address)
  const to = `${addressOf(address)}/${family === 'ipv6' ? 128 : 32}`
  const rest = { table: 255, protocol: 2, metric: 0, type: 'local', source: null } as const
  return { family, to, via: null, dev, ...rest }
}

async function changes(planned: Parameters<typeof flowChanges>[0]) {
  return (await flowChanges(planned, null)).map(({ label, before, after }) => [label, before, after])
}

test('a plan opens what its file publishes', async () => {
  const snapshot = recorded('fresh-host')
  expect(await changes({ plan: planTopology(topology, snapshot), topology, snapshot })).toEqual([
    ['tcp outside -> host:6000', 'unreachable', 'netns1:8080'],
    ['tcp outside -> host:6001', 'unreachable', 'netns2:8080'],
  ])
})

test('the end of a topology closes what is published now', async () => {
  const snapshot = recorded('up-to-date')
  expect(await changes({ plan: planDestroy('flask', snapshot), topology: null, snapshot })).toEqual([
    ['tcp outside -> host:6000', 'netns1:8080', 'unreachable'],
    ['tcp outside -> host:6001', 'netns2:8080', 'unreachable'],
  ])
})

test('a plan that changes nothing changes no flow', async () => {
  const snapshot = recorded('up-to-date')
  expect(await changes({ plan: planTopology(topology, snapshot), topology, snapshot })).toEqual([
    ['tcp outside -> host:6000', 'netns1:8080', 'netns1:8080'],
    ['tcp outside -> host:6001', 'netns2:8080', 'netns2:8080'],
  ])
})
