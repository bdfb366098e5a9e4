import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { nativeParts } from '../../../../src/model/nft/native-parts.ts'
import { parseSet, parseTables } from '../../../../src/model/nft/parse.ts'
import type { NftTable } from '../../../../src/model/nft/ruleset.ts'
import { parseStatement } from '../../../../src/model/nft/statement.ts'
import { parseText } from '../../../../src/model/nft/text.ts'

const fixture = (name: string) => readFileSync(`test/fixtures/nft/${name}`, 'utf8')

function tablesOf(name: string): NftTable[] {
  const text = parseText(fixture(`${name}.txt`))
  const tables = text && parseTables(JSON.parse(fixture(`${name}.json`)), text)
  if (!tables) throw new Error(`${name} is no ruleset`)
  return tables
}

const tables = tablesOf('everything')
const table = (name: string) => tables.find(one => one.name === name)
const rules = table('t')?.chains.flatMap(chain => chain.rules) ?? []
const statementsOf = (text: string) => rules.find(rule => rule.text === text)?.statements

test('a table that is dormant, and one whose name stands in the place of its flags', () => {
  expect(tables.map(({ family, name, dormant }) => [family, name, dormant ?? false])).toEqual([
    ['inet', 'dorm', true],
    ['netdev', 'nd', false],
    ['inet', 't', false],
    ['bridge', 'b', false],
    ['ip', 'x', false],
    ['arp', 'a', false],
  ])
})

test('the devices of ingress and egress chains, which JSON leaves out', () => {
  const chains = [...(table('nd')?.chains ?? []), ...(table('t')?.chains ?? [])]
  const hooked = chains.flatMap(({ name, base }) => (base?.devices ? [[name, base.hook, base.devices]] : []))
  expect(hooked).toEqual([
    ['ing', 'ingress', ['ens5']],
    ['eg', 'egress', ['ens5']],
    ['ing', 'ingress', ['ens5']],
  ])
})

test('several devices of one chain, whose names nft does not quote', () => {
  const text = parseText(`table netdev nd { # handle 1
	chain ing { # handle 1
		type filter hook ingress devices = { veth0, veth2 } priority filter; policy accept;
	}
}
`)
  const chain = { family: 'netdev', table: 'nd', name: 'ing', type: 'filter', hook: 'ingress', prio: 0 }
  const printed = { nftables: [{ metainfo: {} }, { table: { family: 'netdev', name: 'nd' } }, { chain }] }
  expect(text && parseTables(printed, text)?.[0]?.chains[0]?.base?.devices).toEqual(['veth0', 'veth2'])
})

test('a refusal by a message of one family, without a word about the family', () => {
  const refusal = (type: string) => parseStatement({ reject: { type, expr: 'port-unreachable' } }, new Map())
  expect(refusal('icmp')).toEqual([{ reject: 'port-unreachable', family: 'ip' }])
  expect(refusal('icmpv6')).toEqual([{ reject: 'port-unreachable', family: 'ip6' }])
  expect(refusal('icmpx')).toEqual([{ reject: 'port-unreachable' }])
})

test('each rule with its text and its comment', () => {
  const rule = rules.find(({ comment }) => comment === 'a comment')
  expect(rule?.text).toBe(
    'ip saddr { 10.0.0.0/8, 192.168.1.1 } ip daddr 1.2.3.4 tcp dport 80 counter drop comment "a comment"',
  )
  expect(rule?.statements).toHaveLength(4)
  expect(rules.filter(({ text }) => text.startsWith('['))).toEqual([])
})

test.each<[string, unknown[]]>([
  [
    'ct state vmap { invalid : drop, established : accept, related : accept }',
    [
      {
        vmap: {
          key: { ct: 'state' },
          data: {
            set: [
              { key: 'invalid', verdict: 'drop' },
              { key: 'established', verdict: 'accept' },
              { key: 'related', verdict: 'accept' },
            ],
          },
        },
      },
    ],
  ],
  [
    'ip saddr . tcp dport @conc accept',
    [
      {
        match: {
          operator: '==',
          left: {
            concat: [
              { payload: { protocol: 'ip', field: 'saddr' } },
              { payload: { protocol: 'tcp', field: 'dport' } },
            ],
          },
          right: { reference: 'conc' },
        },
      },
      { verdict: 'accept' },
    ],
  ],
  [
    'meta mark set meta mark & 0xffff0005 | 0x00000005',
    [
      {
        mark: {
          of: 'meta',
          value: { operation: '|', of: [{ operation: '&', of: [{ meta: 'mark' }, 4294901765] }, 5] },
        },
      },
    ],
  ],
  [
    'dnat ip to tcp dport map @m',
    [
      {
        nat: {
          kind: 'dnat',
          family: 'ip',
          address: {
            map: { key: { payload: { protocol: 'tcp', field: 'dport' } }, data: { reference: 'm' } },
          },
        },
      },
    ],
  ],
  ['ct count over 10 drop', [{ limit: 'over' }, { verdict: 'drop' }]],
  ['limit name "lim" accept', [{ limit: 'within' }, { verdict: 'accept' }]],
  ['log prefix "x " level info', []],
  ['add @cc { ip saddr . tcp dport }', []],
  ['jump foo', [{ verdict: { jump: 'foo' } }]],
])('%s', (text, expected) => {
  expect(statementsOf(text)).toEqual(expected)
})

test('what is not known is carried along', () => {
  const tproxy = table('x')?.chains[0]?.rules[0]
  expect(tproxy?.statements).toContainEqual({ unknown: '{"tproxy":{"addr":"127.0.0.1","port":8080}}' })
  expect(statementsOf('osf name "Linux" accept')?.[0]).toEqual({
    match: { operator: '==', left: { unknown: '{"osf":{"key":"name"}}' }, right: 'Linux' },
  })
})

test('elements of sets and maps, also those that have a timeout', () => {
  expect(parseSet(JSON.parse(fixture('set-cc.json')))).toEqual([{ key: { concat: ['1.2.3.4', 80] } }])
  expect(parseSet(JSON.parse(fixture('map-vm.json')))).toEqual([
    { key: 'br0', verdict: { goto: 'foo' } },
    { key: 'eth*', verdict: { jump: 'foo' } },
    { key: 'lo', verdict: 'accept' },
  ])
  expect(parseSet(JSON.parse(fixture('map-m.json')))).toEqual([
    { key: 8002, value: { concat: ['172.18.0.2', 80] } },
  ])
  expect(parseSet({ nftables: [{ metainfo: {} }] })).toBeNull()
})

test('beside chains of iptables only native ones, and native rules in its own', () => {
  const { tables: native, misprints } = nativeParts(tablesOf('beside-iptables'))
  expect(native.map(({ name, chains }) => [name, chains.map(chain => chain.name)])).toEqual([
    ['filter', ['forward', 'helper']],
  ])
  // Of a chain with such rules all: iptables prints none behind them.
  const FORWARD = tablesOf('beside-iptables')[0]?.chains[0]
  expect(misprints.map(({ chain, rule }) => [chain, rule])).toEqual(
    FORWARD?.rules.map(rule => ['FORWARD', rule]),
  )
})

test('what is cut off is no ruleset', () => {
  const text = fixture('everything.txt')
  expect(parseText(text.slice(0, text.length - 40))).toBeNull()
  expect(parseTables({}, new Map())).toBeNull()
  expect(parseTables({ nftables: [] }, new Map())).toBeNull()
})
