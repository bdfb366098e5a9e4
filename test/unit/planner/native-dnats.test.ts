import { expect, test } from 'vitest'
import type { Snapshot } from '../../../src/model/host/snapshot.ts'
import { parseTables } from '../../../src/model/nft/parse.ts'
import { nativeDnats } from '../../../src/planner/findings/native-dnats.ts'

const match = (left: object, right: unknown, op = '==') => ({ match: { op, left, right } })
const payload = (protocol: string, field: string) => ({ payload: { protocol, field } })
const DPORT = payload('tcp', 'dport')

/** The ports that rules of a prerouting chain take, on a host with the address 203.0.113.10. */
function taken(...rules: { chain?: string; expr: object[] }[]): string[] {
  const chain = (name: string, base = {}) => ({ chain: { family: 'ip', table: 't', name, ...base } })
  const ports = { family: 'ip', table: 't', name: 'ports', elem: [[8002, { concat: ['172.18.0.2', 80] }]] }
  const json = {
    nftables: [
      { metainfo: {} },
      { table: { family: 'ip', name: 't' } },
      chain('pre', { type: 'nat', hook: 'prerouting', prio: -100 }),
      chain('inner'),
      { map: ports },
      ...rules.map(({ chain: of = 'pre', expr }, handle) => ({
        rule: { family: 'ip', table: 't', chain: of, handle, expr },
      })),
    ],
  }
  const snapshot = {
    host: { links: [{ addresses: [{ address: '203.0.113.10/24' }] }] },
    firewall: { nft: { tables: parseTables(json, new Map()), misprints: [] } },
  } as unknown as Snapshot
  return nativeDnats(snapshot).map(
    ({ protocol, ports: { first, last } }) => `${protocol} ${first}${first === last ? '' : `-${last}`}`,
  )
}

const DNAT = { dnat: { addr: '10.0.0.2', port: 80 } }

test('ports of one rule, a set, a range, and by any protocol', () => {
  expect(taken({ expr: [match(DPORT, 8000), DNAT] })).toEqual(['tcp 8000'])
  expect(taken({ expr: [match(DPORT, { set: [8000, { range: [9000, 9009] }] }), DNAT] })).toEqual([
    'tcp 8000',
    'tcp 9000-9009',
  ])
  expect(taken({ expr: [match(payload('th', 'dport'), 53), { redirect: { port: 5353 } }] })).toEqual([
    'tcp 53',
    'udp 53',
  ])
})

test('ports that a map leads on, and those behind a jump', () => {
  const addr = { map: { key: DPORT, data: '@ports' } }
  expect(taken({ expr: [{ dnat: { addr } }] })).toEqual(['tcp 8002'])
  const jump = {
    expr: [match({ fib: { result: 'type', flags: ['daddr'] } }, 'local'), { jump: { target: 'inner' } }],
  }
  expect(taken(jump, { chain: 'inner', expr: [match(DPORT, 8001), DNAT] })).toEqual(['tcp 8001'])
  const data = { set: [[8080, { goto: { target: 'inner' } }]] }
  expect(taken({ expr: [{ vmap: { key: DPORT, data } }] }, { chain: 'inner', expr: [DNAT] })).toEqual([
    'tcp 8080',
  ])
})

test('only of addresses of the host', () => {
  const to = (address: string) => match(payload('ip', 'daddr'), address)
  expect(taken({ expr: [to('203.0.113.10'), match(DPORT, 8000), DNAT] })).toEqual(['tcp 8000'])
  expect(taken({ expr: [to('10.96.0.10'), match(DPORT, 80), DNAT] })).toEqual([])
})

test('what goes by no port holds none', () => {
  expect(taken({ expr: [DNAT] })).toEqual([])
  expect(taken({ expr: [match(DPORT, 22), { accept: null }] })).toEqual([])
})
