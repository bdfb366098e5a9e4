import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Known, observationOf } from '../../../../src/engine/watch/observe.ts'
import type { TopologyRecords } from '../../../../src/engine/watch/records.ts'
import type { Journal } from '../../../../src/kernel/records/records.ts'
import type { Snapshot } from '../../../../src/model/host/snapshot.ts'
import { loadTopology } from '../../../../src/topology/load.ts'
import type { Tracked, Version } from '../../../../src/watch/tracked.ts'
import { snapshotOf } from '../../../cases/snapshots.ts'

const FLASK = readFileSync(
  fileURLToPath(new URL('../../../cases/up-to-date/topology.yaml', import.meta.url)),
  'utf8',
)

function version(text: string): Version {
  const { topology } = loadTopology(text, 'flask.yaml', {})
  return { topology, text, file: 'flask.yaml', sha256: topology.sha256, commit: null }
}

const CURRENT = version(FLASK)
const TRACKED: Tracked = { newest: CURRENT, lastGood: null, stale: null, removed: false }
const RECORDS: TopologyRecords = {
  appliedText: CURRENT.sha256,
  ...{ journal: null, otherWatcher: null, suspension: null },
}

function observed(
  snapshot: Snapshot,
  tracked: Partial<Tracked> = {},
  { failing = [], ...records }: Partial<TopologyRecords> & { failing?: string[] } = {},
) {
  const known: Known = {
    tracked: new Map([['flask', { ...TRACKED, ...tracked }]]),
    failing: new Map(failing.map(sha256 => ['flask', sha256])),
    ...{ uplinks: [], isWhole: false },
  }
  const { topologies } = observationOf(snapshot, known, () => ({ ...RECORDS, ...records }))
  const [{ observation, ...rest } = never()] = topologies
  return { ...observation, ...rest, changes: rest.changes.map(({ action, id }) => `${action} ${id}`) }
}

function never(): never {
  throw new Error('nothing was observed')
}

describe('a topology', () => {
  test('that is as declared needs nothing', () => {
    expect(observed(snapshotOf('up-to-date'))).toMatchObject({
      ...{ drift: [], changes: [], blocked: null, obstacle: null, fallback: false, version: CURRENT },
    })
  })

  test('has drifted where its text was applied before; a new text makes changes', () => {
    const snapshot = snapshotOf('drift-address-gone')
    const { changes, drift, isDrift } = observed(snapshot)
    expect(changes.length).toBeGreaterThan(0)
    expect(drift.length).toBeGreaterThan(0)
    expect(isDrift).toBe(true)
    expect(observed(snapshot, {}, { appliedText: null }).isDrift).toBe(false)
  })

  test('whose apply was cut off has a journal to settle, and no object to change', () => {
    const journal = { confirm: null } as Journal
    expect(observed(snapshotOf('up-to-date'), {}, { journal })).toMatchObject({
      ...{ drift: ['journal#'], changes: [] },
    })
  })

  test('that is known by its records alone is left as it is', () => {
    expect(observed(snapshotOf('up-to-date'), { newest: null })).toMatchObject({
      ...{ drift: [], changes: [], version: null },
    })
  })

  test('that is taken out of the source is destroyed', () => {
    const { changes, version } = observed(snapshotOf('up-to-date'), { removed: true })
    expect(version).toBeNull()
    expect(changes).toContain('delete namespace/netns1')
  })
})

describe('the last version that worked is kept in force', () => {
  const EMPTY = version('name: flask\n')
  const snapshot = snapshotOf('up-to-date')

  test('while the newest would delete nearly everything', () => {
    expect(observed(snapshot, { newest: EMPTY, lastGood: CURRENT })).toMatchObject({
      fallback: true,
      version: CURRENT,
      blocked: expect.stringMatching(/^mass-delete: /),
      changes: [],
    })
    expect(observed(snapshot, { newest: EMPTY })).toMatchObject({ fallback: false, version: EMPTY })
  })

  test('while the newest fails', () => {
    const another = version(`${FLASK}\n# another text\n`)
    const tracked = { newest: another, lastGood: CURRENT }
    expect(observed(snapshot, tracked, { failing: [another.sha256] })).toMatchObject({
      ...{ fallback: true, version: CURRENT, blocked: null },
    })
    expect(observed(snapshot, tracked)).toMatchObject({ fallback: false, version: another })
  })

  test('while the host conflicts with the newest', () => {
    const blocked = observed(snapshotOf('port-held-by-listener'), { lastGood: EMPTY })
    expect(blocked).toMatchObject({
      ...{ fallback: true, version: EMPTY },
      blocked: expect.stringMatching(/^the host stands in the way: /),
    })
  })
})

describe('an obstacle', () => {
  const snapshot = snapshotOf('drift-address-gone')
  const confirm = { until: '2026-01-01T00:00:00Z', applied: {} }
  test.each<[string, Partial<TopologyRecords>, string, RegExp]>([
    [
      'another watcher',
      { otherWatcher: { pid: 7, source: '/etc/nsctl' } as TopologyRecords['otherWatcher'] },
      'suspended',
      /^another nsctl watches it: pid 7, from \/etc\/nsctl$/,
    ],
    ['a suspension', { suspension: { since: 'now', by: 'ann' } }, 'suspended', /since now by ann$/],
    ['a confirmation', { journal: { confirm } as Journal }, 'pending', /until 2026-01-01T00:00:00Z$/],
  ])('is %s; drift is observed all the same', (_, records, state, message) => {
    const { obstacle, drift } = observed(snapshot, {}, records)
    expect(obstacle).toEqual({ state, message: expect.stringMatching(message) })
    expect(drift.length).toBeGreaterThan(0)
  })
})
