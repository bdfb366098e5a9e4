import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { stoppedFlows } from '../../../src/engine/change/stopped-flows.ts'
import type { DeclaredFlow } from '../../../src/explain/flows.ts'
import type { Snapshot } from '../../../src/model/host/snapshot.ts'
import type { NftStatement } from '../../../src/model/nft/statement.ts'

const BASE = JSON.parse(readFileSync('test/cases/base-snapshot.json', 'utf8')) as Snapshot

/** What stops `tcp outside -> host:6000` beside one input chain. */
function stoppedBeside(statements: NftStatement[], policy: 'accept' | 'drop') {
  const chain = {
    name: 'input',
    base: { type: 'filter' as const, hook: 'input', priority: 0, policy },
    rules: [{ handle: 1, text: 'a rule', statements }],
  }
  const nft = { tables: [{ family: 'inet', name: 'filter', chains: [chain], sets: [] }], misprints: [] }
  const flow: DeclaredFlow = {
    label: 'tcp outside -> host:6000',
    named: [
      { protocol: 'tcp', from: 'outside', to: 'host:6000', family: 'ipv4', uplink: null, source: null },
    ],
    source: null,
  }
  const own = {
    family: 'ipv4',
    to: '203.0.113.10/32',
    via: null,
    dev: 'ens5',
    table: 255,
    protocol: 2,
  } as const
  const routes = [...BASE.host.routes, { ...own, metric: 0, type: 'local' as const, source: null }]
  const snapshot: Snapshot = {
    ...BASE,
    host: { ...BASE.host, routes },
    firewall: { ...BASE.firewall, nft },
  }
  return stoppedFlows([flow, { ...flow, label: 'again' }], snapshot).map(({ stop, others }) => [
    `${stop.family}/${stop.table}/${stop.chain}`,
    others,
  ])
}

const ports = (port: number): NftStatement => ({
  match: { operator: '==', left: { payload: { protocol: 'tcp', field: 'dport' } }, right: port },
})

test('a policy that drops stops what no rule lets through, and is told once', () => {
  expect(stoppedBeside([ports(22), { verdict: 'accept' }], 'drop')).toEqual([['inet/filter/input', 1]])
})

test('a flow that a rule lets through is not stopped, whatever the policy', () => {
  const answered: NftStatement[] = [ports(6000), { verdict: 'accept' }]
  expect(stoppedBeside(answered, 'drop')).toEqual([])
  expect(stoppedBeside([ports(22), { verdict: 'drop' }], 'accept')).toEqual([])
})

test('what hangs on a set that was not read is not told', () => {
  const blocked: NftStatement = {
    match: {
      operator: '==',
      left: { payload: { protocol: 'ip', field: 'saddr' } },
      right: { reference: 'blocklist' },
    },
  }
  expect(stoppedBeside([blocked, { verdict: 'drop' }], 'accept')).toEqual([])
})
