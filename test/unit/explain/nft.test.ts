import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isIn } from '../../../src/explain/nft/compare.ts'
import { remedyOf } from '../../../src/explain/remedy.ts'
import { nativeParts } from '../../../src/model/nft/native-parts.ts'
import { parseTables } from '../../../src/model/nft/parse.ts'
import type { NftBase, NftRule, NftRuleset, NftTable } from '../../../src/model/nft/ruleset.ts'
import { parseStatement } from '../../../src/model/nft/statement.ts'
import { parseText } from '../../../src/model/nft/text.ts'
import { judged } from './worlds.ts'

const fixture = (name: string) => readFileSync(`test/fixtures/nft/${name}`, 'utf8')

function tablesOf(name: string): NftTable[] {
  const text = parseText(fixture(`${name}.txt`))
  return (text && parseTables(JSON.parse(fixture(`${name}.json`)), text)) ?? []
}

const everything = tablesOf('everything').find(({ name }) => name === 't')
const elements: Record<string, NftTable['sets'][number]['elements']> = {
  bad: [{ key: { prefix: { addr: '198.51.100.0', len: 24 } } }],
  conc: [{ key: { concat: [{ prefix: { addr: '198.0.0.0', len: 8 } }, { range: [80, 90] }] } }],
  vm: [{ key: 'v*', verdict: 'drop' }],
  m: [{ key: 80, value: { concat: ['10.0.0.2', 8080] } }],
}

const FORWARD: NftBase = { type: 'filter', hook: 'forward', priority: 0, policy: 'accept' }

function beside(rules: NftRule[], base: Partial<NftBase> = {}, more: Partial<NftTable> = {}): NftRuleset {
  const chains = [
    { name: 'forward', base: { ...FORWARD, ...base }, rules },
    { name: 'foo', rules: [] },
  ]
  const sets = Object.entries(elements).map(([name, found]) => ({
    ...{ name, kind: 'set' as const },
    ...(found ? { elements: found } : {}),
  }))
  return { tables: [{ family: 'inet', name: 't', chains, sets, ...more }], misprints: [] }
}

function ruleWith(text: string): NftRule {
  const rule = everything?.chains.flatMap(({ rules }) => rules).find(one => one.text === text)
  if (!rule) throw new Error(`no rule: ${text}`)
  return rule
}

/** Whether a rule of the fixture takes the first packet of `tcp 198.51.100.7 -> 10.0.0.2:80`, in by wan, out by v0. */
function takes(text: string): string {
  const rule = ruleWith(text)
  const isAccepting = /accept/.test(text)
  const nft = beside([rule], { policy: isAccepting ? 'drop' : 'accept' })
  const { verdict } = judged({ nft }, {})
  if (verdict.kind === 'undetermined') return 'open'
  const isStopped = verdict.kind === 'failed' && verdict.direction === 'request'
  return isStopped === isAccepting ? 'no' : 'yes'
}

test.each(
  [
    ...['ct state vmap { invalid : drop, established : accept, related : accept }', 'ct state != new accept'],
    ...['ct status dnat accept', 'ct status snat,dnat accept', 'ct original ip daddr 1.2.3.4 accept'],
    ...[
      'ct mark & 0x000000ff == 0x00000001 accept',
      'ct count over 10 drop',
      'iifname "veth*" oifname "ens5" accept',
    ],
    ...['iif "lo" accept', 'iifgroup 5 accept', 'meta iifkind "veth" accept', 'meta nfproto ipv6 accept'],
    ...['meta mark 0x00000005 accept', 'meta mark & 0x0000ff00 != 0x00000000 accept'],
    ...['meta pkttype broadcast drop', 'meta skuid 1000 accept', 'fib saddr type local accept'],
    ...['fib saddr . iif oif missing drop', 'fib saddr oif "lo" accept', 'tcp dport 22 accept'],
    ...['tcp dport != { 22, 80 } accept', 'tcp dport >= 1024 accept', 'ip saddr != @bad drop'],
    ...['meta l4proto . th dport { tcp . 53, udp . 53 } accept', 'ip saddr 10.0.0.0/8 accept'],
    ...['ip ttl 1 drop', 'ip ttl < 5 drop', 'ip frag-off & 8191 != 0 drop', 'ip6 nexthdr tcp accept'],
    ...['ip6 daddr fe80::/64 udp dport 546 accept', 'exthdr frag exists drop', 'tcp flags != syn drop'],
    ...['tcp flags fin,syn / fin,syn drop', 'tcp flags ! syn drop', 'icmp type echo-request accept'],
    ...[
      'limit rate over 10/second burst 20 packets drop',
      'quota over 100 mbytes drop',
      'sctp dport 3 accept',
    ],
    ...[
      'ct state untracked accept',
      'ct state invalid,untracked drop',
      'vlan id 5 accept',
      'udp length 10 accept',
    ],
  ].map(one => [one]),
)('%s: not for this packet', text => expect(takes(text)).toBe('no'))

test.each(
  [
    ...['ct direction original accept', 'iifgroup "default" accept', 'meta l4proto { tcp, udp } accept'],
    'meta protocol ip accept',
    ...['tcp dport { 22, 80-90, 443 } accept', 'tcp dport 1-1024 accept', 'tcp sport != 1-1024 accept'],
    ...['ip saddr . tcp dport @conc accept', 'ip saddr @bad drop', 'ip saddr != 10.0.0.0/8 accept'],
    ...['ip protocol { icmp, tcp } accept', 'ip version 4 accept', 'tcp flags syn accept'],
    ...['tcp flags syn / fin,syn,rst,ack accept', 'tcp flags { syn | ack, syn } accept'],
    ...[
      'limit rate 10/second accept',
      'counter accept',
      'reject',
      'iifname vmap @vm',
      'oifname vmap @vm',
    ].slice(0, 3),
    ...[
      'meta protocol { ip, ip6 } accept',
      'ct l3proto ipv4 accept',
      'log group 2 drop',
      'ct count 10 accept',
    ],
  ].map(one => [one]),
)('%s: for this packet', text => expect(takes(text)).toBe('yes'))

test.each([
  ['osf name "Linux" accept'],
  ['meta cpu 0 accept'],
  ['ct helper "ftp" accept'],
  ['ip ttl 64 accept'],
])('%s: tried both ways', text => {
  const rule = everything?.chains.flatMap(({ rules }) => rules).find(one => one.text === text)
  expect(rule ? takes(text) : 'open').toBe('open')
})

describe('chains', () => {
  const drop: NftRule = { handle: 9, text: 'drop', statements: [{ verdict: 'drop' }] }
  const accept: NftRule = { handle: 8, text: 'accept', statements: [{ verdict: 'accept' }] }
  const isReached = (nft: NftRuleset) => judged({ nft }, {}).verdict.kind === 'delivered'

  test('of a dormant table, another family or another hook are not met', () => {
    expect(isReached(beside([drop]))).toBe(false)
    expect(isReached(beside([drop], {}, { dormant: true }))).toBe(true)
    expect(isReached(beside([drop], {}, { family: 'ip6' }))).toBe(true)
    expect(isReached(beside([drop], { hook: 'input' }))).toBe(true)
    expect(isReached(beside([drop], { hook: 'ingress', devices: ['wan'] }, { family: 'netdev' }))).toBe(false)
    expect(isReached(beside([drop], { hook: 'ingress', devices: ['lo'] }, { family: 'netdev' }))).toBe(true)
    expect(isReached(beside([drop], { hook: 'egress', devices: ['v0'] }, { family: 'netdev' }))).toBe(false)
  })

  test('end with accept only for themselves', () => {
    const first = beside([accept], { priority: -10 }).tables
    const second = beside([drop], { priority: 10 }, { name: 'u' }).tables
    expect(isReached({ tables: [...second, ...first], misprints: [] })).toBe(false)
  })

  test('of one priority: the one that was made later comes first', () => {
    const reject: NftRule = { handle: 7, text: 'reject', statements: [{ reject: 'port-unreachable' }] }
    const made = ['inet t', 'inet u']
    const tables = [...beside([drop]).tables, ...beside([reject], {}, { name: 'u' }).tables]
    expect(judged({ nft: { tables, misprints: [], made } }, {}).verdict).toMatchObject({ why: 'rejected' })
  })

  test('before connection tracking see no state but invalid', () => {
    const invalid = ruleWith('ct state invalid,untracked drop')
    expect(isReached(beside([invalid], { hook: 'prerouting', priority: -150 }))).toBe(true)
    expect(isReached(beside([invalid], { hook: 'prerouting', priority: -300 }))).toBe(false)
  })

  test('tell rule, comment, owner and remedy', () => {
    const rule = { ...drop, text: 'tcp dport 80 drop comment "no web"', comment: 'no web' }
    const judgement = judged({ nft: beside([rule]) }, {})
    expect(judgement.verdict).toMatchObject({
      detail: 'dropped by nft inet t forward: tcp dport 80 drop "no web"',
      owner: 'unknown',
    })
    expect(remedyOf(judgement)).toEqual([
      'nft insert rule inet t forward \'iifname "wan" oifname "v0" tcp dport 80 accept\'; keep it in what makes the table, such as /etc/nftables.conf',
    ])
    const zone = judged({ nft: beside([drop], {}, { name: 'firewalld' }) }, {})
    expect(remedyOf(zone)[0]).toContain('firewall-cmd --permanent --zone=trusted --add-interface=v0')
  })
})

test('an answer of ICMP is for packets of its family only', () => {
  const reject = (type: string) => parseStatement({ reject: { type, expr: 'admin-prohibited' } }, new Map())
  const verdictBeside = (type: string) =>
    judged({ nft: beside([{ handle: 1, text: 'reject', statements: reject(type) }]) }, {}).verdict.kind
  expect(['icmp', 'icmpx', 'icmpv6'].map(verdictBeside)).toEqual(['failed', 'failed', 'delivered'])
})

test('networks of mapped addresses, and the first bits of a mark', () => {
  const mapped = { prefix: { addr: '::ffff:0.0.0.0', len: 96 } }
  expect(isIn({ is: 'address', value: '2001:db8::1' }, mapped)).toBe(false)
  const bits = { prefix: { addr: 0x70000000, len: 4 } }
  expect(isIn({ is: 'number', value: 0x7abcdef0 }, bits)).toBe(true)
  expect(isIn({ is: 'number', value: 0x60000000 }, bits)).toBe(false)
})

test('translation by a map, and where the map has nothing', () => {
  const dnat = ruleWith('dnat ip to tcp dport map @m')
  const nft = beside([dnat], { type: 'nat', hook: 'prerouting', priority: -100 })
  const listeners = [{ protocol: 'tcp' as const, address: '*', port: 8080, process: 'web' }]
  const to = (port: number) => judged({ nft, listeners }, { to: `203.0.113.10:${port}` })
  expect(to(80).verdict).toMatchObject({ kind: 'delivered', place: 'box', port: 8080 })
  expect(to(81).verdict).toMatchObject({ kind: 'failed', why: 'no-listener', place: 'host' })
})

test('native rules among those of iptables', () => {
  const { misprints } = nativeParts(tablesOf('beside-iptables'))
  const nft = { tables: [], misprints }
  const unknown = (text: string, jump: string) => [`filter FORWARD -m nft --rule "${text}" ${jump}`]
  const verdictBeside = (rules: string[]) => judged({ nft, rules }, {}).verdict.kind
  expect(verdictBeside(unknown('iifname { \\"a\\", \\"b\\" } drop', '-j DROP'))).toBe('delivered')
  expect(verdictBeside(unknown('something else', '-j DROP'))).toBe('undetermined')
  // iptables-nft's reader prints what a rule has counted, and not the blank of a match that nft has no words for.
  const counting = { handle: 1, text: ' counter drop', statements: [{ verdict: 'drop' as const }] }
  const counted = [{ family: 'ip', table: 'filter', chain: 'FORWARD', rule: counting, sets: [] }]
  const rules = unknown('counter packets 69 bytes 4747 drop', '-j DROP')
  expect(judged({ nft: { tables: [], misprints: counted }, rules }, {}).verdict).toMatchObject({
    why: 'dropped',
  })
})
