import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { flowsNamed } from '../../../src/explain/endpoints.ts'
import { observedState } from '../../../src/kinds/all.ts'
import type { Link, Snapshot } from '../../../src/model/host/snapshot.ts'
import { planRollback, planTopology } from '../../../src/planner/plan.ts'
import { renderCommands } from '../../../src/render/plan/commands.ts'
import { loadTopology } from '../../../src/topology/load.ts'
import { snapshotOf } from '../../cases/snapshots.ts'

const FLASK = readFileSync(
  fileURLToPath(new URL('../../cases/fresh-host/topology.yaml', import.meta.url)),
  'utf8',
)
const load = (text: string) => loadTopology(text, 'flask.yaml', {}).topology

function named(snapshot: Snapshot, name: string, altnames: string[]): Link {
  const link = snapshot.host.links.find(one => one.name === name)
  if (!link) throw new Error(`no ${name}`)
  return Object.assign(link, { altnames })
}

/** As udev does, or a person with two commands. */
function renamed(snapshot: Snapshot, from: string, to: string, altnames: string[]): Link {
  const link = Object.assign(named(snapshot, from, altnames), { name: to })
  for (const { links } of Object.values(snapshot.namespaces))
    for (const { peer } of links)
      if (peer?.interface === from && peer.namespace === 'host') peer.interface = to
  for (const route of snapshot.host.routes) if (route.dev === from) route.dev = to
  return link
}

describe('an uplink by another of its names', () => {
  const byAltname = load(FLASK.replace('uplinks: [ens5]', 'uplinks: [enx0200000071a0]'))

  test('is the interface itself: the plan is the same', () => {
    const snapshot = snapshotOf('fresh-host')
    named(snapshot, 'ens5', ['enx0200000071a0'])
    const plan = planTopology(byAltname, snapshot)
    expect(plan.findings).toEqual([])
    expect(renderCommands(plan)).toEqual(renderCommands(planTopology(load(FLASK), snapshot)))
    const applied = snapshotOf('up-to-date')
    named(applied, 'ens5', ['enx0200000071a0'])
    expect(planTopology(byAltname, applied).changes).toEqual([])
  })

  test('is where explain lets packets come in', () => {
    const snapshot = snapshotOf('up-to-date')
    named(snapshot, 'ens5', ['enx0200000071a0'])
    const flows = flowsNamed(
      {
        ...{ protocol: 'tcp', from: 'outside', to: 'host:6000', family: 'ipv4', source: null },
        uplink: 'enx0200000071a0',
      },
      snapshot,
    )
    expect(flows).toMatchObject([{ from: { place: 'host', input: 'ens5' } }])
  })

  test('that no link has does not exist', () => {
    expect(planTopology(byAltname, snapshotOf('fresh-host')).findings).toMatchObject([
      { code: 'uplink-missing', subject: 'enx0200000071a0' },
    ])
  })
})

test('a wanted name that is another name of a link is an error of the plan, with the way out', () => {
  const snapshot = snapshotOf('fresh-host')
  named(snapshot, 'ens5', ['veth0'])
  expect(planTopology(load(FLASK), snapshot).findings).toMatchObject([
    {
      code: 'interface-exists',
      severity: 'error',
      subject: 'veth0',
      summary: 'veth0 on the host is another name of the interface ens5',
      notes: [expect.any(String), expect.stringContaining('ip link property del dev ens5 altname veth0')],
    },
  ])
})

test('inside a namespace, and of a bridge, too', () => {
  const inside = snapshotOf('up-to-date')
  const [far] = inside.namespaces.netns2?.links.filter(({ name }) => name === 'veth3') ?? []
  Object.assign(far ?? {}, { altnames: ['wan0'] })
  const more = FLASK.replace(
    'netns2:veth3] }',
    'netns2:veth3] }\n  - { ends: [netns1:x, { namespace: netns2, interface: wan0 }] }',
  )
  expect(planTopology(load(more), inside).findings).toMatchObject([
    {
      subject: 'wan0',
      notes: [expect.any(String), expect.stringContaining('ip -n netns2 link property del dev veth3')],
    },
  ])
  const bridge = snapshotOf('fresh-host')
  named(bridge, 'ens5', ['br-web'])
  const segment = load(
    FLASK.replace('web1: 192.168.0.0/24', 'web1: { cidr: 192.168.0.0/24, bridge: br-web }'),
  )
  expect(planTopology(segment, bridge).findings).toMatchObject([
    { code: 'interface-exists', subject: 'br-web' },
  ])
})

test('an own link that was renamed, and has kept its name as another one, gets it back', () => {
  const snapshot = snapshotOf('up-to-date')
  renamed(snapshot, 'veth0', 'enx0a0b0c0d0e0f', ['veth0', 'kept'])
  const plan = planTopology(load(FLASK), snapshot)
  expect(plan.findings).toEqual([])
  const commands = renderCommands(plan)
  const dropped = commands.indexOf('link property del dev enx0a0b0c0d0e0f altname veth0')
  expect(dropped).toBeGreaterThan(-1)
  expect(commands.indexOf('name veth0', dropped)).toBeGreaterThan(dropped)
  expect(commands).not.toContain('altname kept')
})

test('a rollback gives the other name back', () => {
  const before = snapshotOf('up-to-date')
  renamed(before, 'veth0', 'enx0a0b0c0d0e0f', ['veth0'])
  const plan = planTopology(load(FLASK), before)
  const back = renderCommands(
    planRollback(
      { topology: 'flask', touches: plan.changes.map(({ id }) => id) },
      observedState(before, 'flask'),
      snapshotOf('up-to-date'),
    ),
  )
  const given = back.indexOf('link property add dev enx0a0b0c0d0e0f altname veth0')
  expect(given).toBeGreaterThan(back.indexOf('name enx0a0b0c0d0e0f'))
})
