import { describe, expect, test } from 'vitest'
import { fittingFile } from '../../../src/engine/inspect/import-file.ts'
import { planTopology } from '../../../src/planner/plan.ts'
import { loadTopology } from '../../../src/topology/load.ts'
import { snapshotOf } from '../../cases/snapshots.ts'

function imported(name: string) {
  const snapshot = snapshotOf(name)
  const outcome = fittingFile({ snapshot, name: 'found', uplinks: ['ens5'] })
  return { outcome, text: outcome.kind === 'imported' ? outcome.text : '', snapshot }
}

/** What applying the file would do beyond marks, chains and settings of the host. */
function beyondAdoption({ text, snapshot }: ReturnType<typeof imported>): string[] {
  const { changes } = planTopology(loadTopology(text, 'imported.yaml', {}).topology, snapshot)
  return changes
    .filter(({ kind, action, scope }) => action !== 'update' && kind !== 'chain' && scope !== 'host')
    .map(({ action, id }) => `${action} ${id}`)
}

describe('an imported file', () => {
  test('adopts what exists, and creates nothing', () => {
    const found = imported('adopt-namespace-and-veth')
    expect(found.text).toContain('veths:\n  - { subnet: netns1-net, ends: [host:veth0,')
    expect(beyondAdoption(found)).toEqual([])
  })

  test('leaves out what nsctl would change, and says why', () => {
    const found = imported('adopt-mismatch')
    expect(found.text).not.toContain('veths:')
    expect(found.text).toContain(
      '# veth other, whose other end is netns1:veth1: it is down, and nsctl would put it up',
    )
    expect(beyondAdoption(found)).toEqual([])
  })

  test('says what the reader has to decide, where every file would be refused for it', () => {
    expect(imported('drift-policy').text).toContain(
      '# nsctl plan refuses this file as it is: the topology flask has set the FORWARD policy to DROP',
    )
  })

  test('is not written where none would fit', () => {
    expect(imported('uplink-is-a-port').outcome).toEqual({
      kind: 'impossible',
      why: 'uplink ens5 is a port of br0',
    })
  })
})
