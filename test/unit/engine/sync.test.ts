import { describe, expect, test } from 'vitest'
import { type SyncRecords, syncWith } from '../../../src/engine/inspect/sync.ts'
import type { Applied, Journal } from '../../../src/kernel/records/records.ts'
import { observedState } from '../../../src/kinds/all.ts'
import { snapshotOf } from '../../cases/snapshots.ts'

const observed = observedState(snapshotOf('up-to-date'), 'flask')
const owned = [...observed.values()].filter(one => one.owned)
const without = (id: string) => new Map([...observed].filter(([key]) => key !== id))

const applied: Applied = {
  ...{ topology: 'flask', file: '/etc/flask.yaml', sha256: '00', appliedAt: '2026-01-01T00:00:00.000Z' },
  ...{ desired: owned, history: [] },
}
const journal: Journal = {
  ...{ topology: 'flask', pid: 7, startedAt: '2026-01-02T00:00:00.000Z', creates: [], touches: [] },
  ...{ iptables: 'auto', before: [], confirm: null },
}
const confirm = { seconds: 60, deadline: 100, until: '2026-01-02T00:01:00.000Z', applied }

describe('a topology', () => {
  test.each<[string, Partial<SyncRecords>]>([
    ['in-sync', { applied }],
    ['unknown', {}],
    ['applying', { applied, journal, isApplying: true }],
    ['interrupted', { applied, journal }],
    // Its process runs until the confirmation, or has ended: that makes no difference.
    ['unconfirmed', { journal: { ...journal, confirm }, isApplying: true }],
    // Not all of it is applied yet.
    ['applying', { journal: { ...journal, confirm: { ...confirm, applied: null } }, isApplying: true }],
  ])('is %s', (state, records) => {
    const sync = syncWith({ journal: null, isApplying: false, applied: null, ...records }, observed)
    expect(sync).toMatchObject({ state, drift: [] })
    expect(sync.confirmUntil).toBe(state === 'unconfirmed' ? confirm.until : null)
  })

  test('has drifted where an object is gone, and says what would repair it', () => {
    const [veth] = owned.filter(({ kind }) => kind === 'veth')
    const { state, drift } = syncWith({ journal: null, isApplying: false, applied }, without(veth?.id ?? ''))
    expect(state).toBe('drifted')
    expect(drift.map(({ action, id }) => `${action} ${id}`)).toEqual([`create ${veth?.id}`])
  })

  test('that waits for confirmation is compared with what waits, not with what was applied before', () => {
    const earlier = { ...applied, desired: [] }
    const sync = syncWith({ journal: { ...journal, confirm }, isApplying: false, applied: earlier }, observed)
    expect(sync.drift).toEqual([])
  })
})
