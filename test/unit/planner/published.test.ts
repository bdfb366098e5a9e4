import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import pc from 'picocolors'
import { expect, test } from 'vitest'
import { observedState } from '../../../src/kinds/all.ts'
import type { Snapshot } from '../../../src/model/host/snapshot.ts'
import { isLacking, type Status } from '../../../src/model/plan/status.ts'
import { desiredOn } from '../../../src/planner/desired.ts'
import { diff } from '../../../src/planner/diff.ts'
import { declaredPorts, publishedPorts, withMissing } from '../../../src/planner/published.ts'
import { renderStatus } from '../../../src/render/status.ts'
import { loadTopology } from '../../../src/topology/load.ts'
import { snapshotOf } from '../../cases/snapshots.ts'

const file = fileURLToPath(new URL('../../cases/up-to-date/topology.yaml', import.meta.url))
const { topology } = loadTopology(readFileSync(file, 'utf8'), 'flask.yaml', {})
const nobody = new Map()

/** What `status` tells of published ports after somebody has had a hand in the nat table. */
function portsAfter(edit: (snapshot: Snapshot) => void) {
  const { desired } = desiredOn(snapshotOf('up-to-date'), topology)
  const snapshot = snapshotOf('up-to-date')
  edit(snapshot)
  const drift = diff(observedState(snapshot, 'flask'), desired).map(({ change }) => change)
  const live = publishedPorts(snapshot, 'flask', nobody)
  return withMissing(live, declaredPorts([...desired.values()], snapshot, nobody), drift)
}

function rulesOf(snapshot: Snapshot, name: string): string[] {
  const chains = snapshot.firewall.ipv4.find(table => table.name === 'nat')?.chains
  return chains?.find(chain => chain.name === name)?.rules ?? []
}

const states = (ports: ReturnType<typeof portsAfter>) =>
  ports.map(({ first, missing = false }) => [first, missing]).toSorted()

test('ports are all there where nothing has drifted', () => {
  expect(states(portsAfter(() => {}))).toEqual([
    [6000, false],
    [6001, false],
  ])
})

test('a published port whose rule is gone is shown as missing', () => {
  const ports = portsAfter(snapshot => {
    const rules = rulesOf(snapshot, 'NSCTL-flask-DST')
    rules.splice(
      rules.findIndex(rule => rule.includes('6000')),
      1,
    )
  })
  expect(states(ports)).toEqual([
    [6000, true],
    [6001, false],
  ])
  expect(ports.find(({ first }) => first === 6000)?.target).toEqual({
    ...{ namespace: 'netns1', address: '192.168.0.2', port: 8080 },
  })
})

test.each(['PREROUTING', 'NSCTL-flask-PRE'])('so are all that no packet gets to: %s is emptied', name => {
  const ports = portsAfter(snapshot => rulesOf(snapshot, name).splice(0))
  expect(states(ports)).toEqual([
    [6000, true],
    [6001, true],
  ])
})

test('what is missing makes a topology unhealthy, and the way back is told', () => {
  const found: Status = {
    topology: 'flask',
    sync: {
      ...{ state: 'in-sync', confirmUntil: null, drift: [], unreadable: [] },
      applied: { ...{ file: 'flask.yaml', sha256: '', appliedAt: 'today', history: [], desired: [] } },
    },
    ...{ authors: {}, watcher: null, suspended: null, places: [] },
    published: portsAfter(snapshot => rulesOf(snapshot, 'NSCTL-flask-DST').splice(0, 1)),
    uplinks: [
      { name: 'ens5', state: 'missing' },
      { name: 'ens6', state: 'down' },
      { name: 'ens7', state: 'up' },
    ],
  }
  const text = renderStatus(found, pc.createColors(false))
  expect(text).toContain('flask  in-sync, degraded')
  expect(text).toMatch(/^tcp +0\.0\.0\.0:6000 +netns1 192\.168\.0\.2:8080 +its rule is missing$/m)
  expect(text).toContain(
    'tcp 6000: its rule is missing, so nothing leads to netns1:8080: nsctl apply flask.yaml',
  )
  expect(text).toContain(
    'uplink ens5 is gone: nothing leaves or arrives through it; once it is back: nsctl apply flask.yaml',
  )
  expect(text).toContain('uplink ens6 is down: ip link set ens6 up')
  expect(text).not.toContain('ens7')
  expect(isLacking(found)).toBe(true)
  expect(isLacking({ ...found, published: [], uplinks: [] })).toBe(false)
})
