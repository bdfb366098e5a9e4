import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Snapshot } from '../../src/model/host/snapshot.ts'
import { type Plan, refuses } from '../../src/model/plan/plan.ts'
import { planDestroy, planTopology } from '../../src/planner/plan.ts'
import { loadTopology } from '../../src/topology/load.ts'
import { snapshotOf } from '../cases/snapshots.ts'
import { fakeHost } from './fake-host.ts'

const CASES = fileURLToPath(new URL('../cases/', import.meta.url))

const planned = (name: string) => {
  const { topology } = loadTopology(
    readFileSync(`${CASES}${name}/topology.yaml`, 'utf8'),
    'topology.yaml',
    {},
  )
  return (snapshot: Snapshot): Plan =>
    name.startsWith('destroy-') ? planDestroy(topology.name, snapshot) : planTopology(topology, snapshot)
}
const names = readdirSync(CASES).filter(
  name =>
    existsSync(`${CASES}${name}/topology.yaml`) && !planned(name)(snapshotOf(name)).findings.some(refuses),
)

/**
 * `predict` leaves out what no packet depends on: MAC addresses, the MTU of a bridge, rates. And it loses an address that
 * goes together with an interface's name.
 */
const BEYOND_PREDICT = ['edit-mac', 'edit-rename-host-end-and-gateway', 'fresh-host-with-everything']

const leftAfter = async (name: string) => {
  const host = fakeHost(snapshotOf(name))
  const plan = planned(name)
  await host.apply(plan(await host.read()))
  return plan(await host.read()).changes.map(({ action, id }) => `${action} ${id}`)
}

describe('a plan applied to the fake host leaves nothing to do', () => {
  test.each(names.filter(name => !BEYOND_PREDICT.includes(name)))('%s', async name => {
    expect(await leftAfter(name)).toEqual([])
  })

  // Once one of them passes it is no exception any more.
  test.fails.each(BEYOND_PREDICT)('%s', async name => {
    expect(await leftAfter(name)).toEqual([])
  })
})

describe('the fake host in trouble', () => {
  const plan = planned('fresh-host')
  const VETH = 'veth/netns1/veth1'

  test('a change that fails stops the plan; the next one goes on from there', async () => {
    const host = fakeHost(snapshotOf('fresh-host'))
    host.disturb(VETH, 'fails')
    const first = plan(await host.read())
    await expect(host.apply(first)).rejects.toMatchObject({ name: 'StepFailed', change: VETH })
    const left = plan(await host.read())
    expect(left.changes.map(({ id }) => id)).toContain(VETH)
    expect(left.changes.length).toBeLessThan(first.changes.length)
    host.disturb(VETH, null)
    await host.apply(left)
    expect(plan(await host.read()).changes).toEqual([])
  })

  test('what succeeds and does nothing is what a second plan still does', async () => {
    const host = fakeHost(snapshotOf('fresh-host'))
    const sysctl = 'sysctl/host/net/ipv4/conf/ens5/forwarding'
    host.disturb(sysctl, 'does nothing')
    await host.apply(plan(await host.read()))
    expect(plan(await host.read()).changes.map(({ id }) => id)).toEqual([sysctl])
  })

  test('a signal stops it between two steps', async () => {
    const host = fakeHost(snapshotOf('fresh-host'))
    const controller = new AbortController()
    const stopped = host.apply(plan(await host.read()), {
      signal: controller.signal,
      onStep: () => controller.abort('SIGTERM'),
    })
    await expect(stopped).rejects.toMatchObject({ name: 'Interrupted', signal: 'SIGTERM' })
    expect(plan(await host.read()).changes.length).toBeGreaterThan(0)
  })
})
