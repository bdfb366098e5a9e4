import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMetrics } from '../../../../src/commands/watch/metrics.ts'
import type { TopologyObserved } from '../../../../src/engine/watch/events.ts'
import { newStanding } from '../../../../src/engine/watch/standing.ts'
import type { Change } from '../../../../src/model/plan/plan.ts'
import type { Resource } from '../../../../src/model/plan/resource.ts'

const metrics = createMetrics()
let stuck: string | null = null
let notReady: string | null = 'not yet'
let served: Awaited<ReturnType<typeof metrics.serve>>

beforeAll(async () => {
  const health = { stuck: () => stuck, notReady: () => notReady }
  served = await metrics.serve({ host: '127.0.0.1', port: 0 }, health)
})
afterAll(() => served.close())

const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${served.port}${path}`, init)

/** Of nsctl's own metrics those whose name begins so, as served. */
async function scraped(name: string): Promise<string[]> {
  const text = await (await get('/metrics')).text()
  return text.split('\n').filter(line => line.startsWith(name))
}

const standing = newStanding('2026-01-01T00:00:00Z')
const address = { kind: 'address' } as Change & Resource
const observed = (more: Partial<TopologyObserved> = {}): TopologyObserved => ({
  topology: 'web',
  standing,
  changes: [],
  objects: [],
  isInSync: true,
  commit: null,
  ...more,
})

test('a topology has one state, which the next observation replaces', async () => {
  metrics.record({
    kind: 'observed',
    ms: 20,
    triggers: ['kernel'],
    topologies: [
      observed({
        standing: { ...standing, condition: { state: 'suspended', problems: ['…'] } },
        changes: [address, address],
        objects: [address],
        isInSync: false,
        commit: 'abc',
      }),
    ],
  })
  expect(await scraped('nsctl_topology_state{topology="web",state="suspended"}')).toEqual([
    'nsctl_topology_state{topology="web",state="suspended"} 1',
  ])
  expect(await scraped('nsctl_drift_changes{')).toEqual([
    'nsctl_drift_changes{topology="web",kind="address"} 2',
  ])
  expect(await scraped('nsctl_objects{')).toEqual(['nsctl_objects{topology="web",kind="address"} 1'])
  expect(await scraped('nsctl_source_commit{')).toEqual([
    'nsctl_source_commit{topology="web",commit="abc"} 1',
  ])
  expect(await scraped('nsctl_topology_in_sync{')).toEqual(['nsctl_topology_in_sync{topology="web"} 0'])
  metrics.record({ kind: 'observed', ms: 20, triggers: [], topologies: [observed()] })
  expect(await scraped('nsctl_topology_state{topology="web",state="suspended"}')).toEqual([
    'nsctl_topology_state{topology="web",state="suspended"} 0',
  ])
  expect(await scraped('nsctl_source_commit{')).toEqual([])
  expect(await scraped('nsctl_alarms_total{')).toEqual(['nsctl_alarms_total{alarm="kernel"} 1'])
})

test('repairs are counted by kind, and failures apart', async () => {
  metrics.record({ kind: 'repaired', topology: 'web', changes: [address], ms: 300, standing })
  metrics.record({ kind: 'repairFailed', topology: 'web', why: '…', ms: 100 })
  expect(await scraped('nsctl_drift_repaired_total{')).toEqual([
    'nsctl_drift_repaired_total{topology="web",kind="address"} 1',
  ])
  expect(await scraped('nsctl_repair_failures_total{')).toEqual([
    'nsctl_repair_failures_total{topology="web"} 1',
  ])
  expect((await scraped('nsctl_repair_duration_seconds_sum{')).toSorted()).toEqual([
    'nsctl_repair_duration_seconds_sum{topology="web",outcome="failed"} 0.1',
    'nsctl_repair_duration_seconds_sum{topology="web",outcome="repaired"} 0.3',
  ])
})

test('health is 200, or 503 with the reason', async () => {
  expect((await get('/healthz')).status).toBe(200)
  const unready = await get('/readyz')
  expect([unready.status, await unready.text()]).toEqual([503, 'not yet\n'])
  ;[stuck, notReady] = ['ten minutes', null]
  expect((await get('/healthz')).status).toBe(503)
  expect((await get('/readyz')).status).toBe(200)
})

test('there is nothing else to ask for', async () => {
  expect((await get('/')).status).toBe(404)
  expect((await get('/metrics', { method: 'POST' })).status).toBe(405)
})
