import { describe, expect, test } from 'vitest'
import { fidelityOf, jumpOf } from '../../../src/kernel/read/iptables/native-expressions.ts'

const match = (left: object, right: unknown, op = '==') => ({ match: { op, left, right } })
const meta = (key: string) => ({ meta: { key } })
const payload = (protocol: string, field: string) => ({ payload: { protocol, field } })
const set = (...elements: unknown[]) => ({ set: elements })
const comment = { xt: { type: 'match', name: 'comment' } }
const counter = { counter: { packets: 0, bytes: 0 } }

/** As nft 1.0.6 prints what iptables 1.8.9 has written. */
describe('what iptables writes it prints as it is', () => {
  test.each<[string, object[]]>([
    ['-p tcp --dport 80', [match(payload('tcp', 'dport'), 80), counter, { accept: null }]],
    [
      '-m multiport --dports',
      [
        match(meta('l4proto'), 'tcp'),
        { xt: { type: 'match', name: 'multiport' } },
        counter,
        { accept: null },
      ],
    ],
    [
      '-s 10.0.0.0/8 ! -d 10.0.0.1 -i ens5 -o wt+ -j REJECT',
      [
        match(meta('iifname'), 'ens5'),
        match(meta('oifname'), 'wt*'),
        match(payload('ip', 'saddr'), { prefix: { addr: '10.0.0.0', len: 8 } }),
        match(payload('ip', 'daddr'), '10.0.0.1', '!='),
        ...[counter, { xt: { type: 'target', name: 'REJECT' } }],
      ],
    ],
    ['-m mark --mark 1/0xff', [match({ '&': [meta('mark'), 255] }, 1), counter, { return: null }]],
    ['-m limit', [{ limit: { rate: 3, burst: 5, per: 'minute' } }, counter, { log: { group: 3 } }]],
    ['--sport 1:100', [match(payload('udp', 'sport'), { range: [1, 100] }), counter]],
    ['--tcp-flags SYN,RST SYN', [match({ '&': [payload('tcp', 'flags'), ['syn', 'rst']] }, 'syn'), counter]],
    ['! --tcp-flags SYN NONE', [match(payload('tcp', 'flags'), 'syn', 'in'), counter]],
    ['-s 10.0.5.0/255.0.255.0', [match({ '&': [payload('ip', 'saddr'), '255.0.255.0'] }, '10.0.5.0')]],
    ['-f', [match({ '&': [payload('ip', 'frag-off'), 8191] }, 0, '!='), { drop: null }]],
    ['our jump', [comment, counter, { jump: { target: 'NSCTL-web-FWD' } }]],
    ['-j TRACE', [{ mangle: { key: meta('nftrace'), value: 1 } }]],
  ])('%s', (_, expressions) => {
    expect(fidelityOf(expressions as never)).toBe('faithful')
  })
})

describe('iptables prints as another rule', () => {
  test.each<[string, object[]]>([
    ['ip saddr @bad drop', [match(payload('ip', 'saddr'), '@bad'), { drop: null }]],
    ['tcp dport { 80, 443 }', [match(payload('tcp', 'dport'), set(80, 443)), { accept: null }]],
    ['ip saddr 10.0.0.1-10.0.0.9', [match(payload('ip', 'saddr'), { range: ['10.0.0.1', '10.0.0.9'] })]],
    ['iifname { "a", "b" }', [match(meta('iifname'), set('a', 'b'))]],
    ['iifname >= "a"', [match(meta('iifname'), 'a', '>=')]],
    ['ip saddr . tcp dport @cc', [match({ concat: [] }, '@cc')]],
    ['tcp dport vmap', [{ vmap: { key: payload('tcp', 'dport'), data: set() } }]],
    ['ip6 nexthdr tcp', [match(payload('ip6', 'nexthdr'), 'tcp')]],
    ['tcp sequence 4', [match(payload('tcp', 'sequence'), 4)]],
    ['udp length 100', [match(payload('udp', 'length'), 100)]],
    ['tcp flags { syn, ack }', [match(payload('tcp', 'flags'), set('syn', 'ack'))]],
    ['ip ttl set 5', [{ mangle: { key: payload('ip', 'ttl'), value: 5 } }]],
    ['limit rate 4/week', [{ limit: { rate: 4, burst: 5, per: 'week' } }]],
    ['something of the future', [{ teleport: { to: 'mars' } }]],
  ])('%s', (_, expressions) => {
    expect(fidelityOf(expressions as never)).not.toBe('faithful')
  })
})

describe('iptables cannot print', () => {
  test.each<[string, object[]]>([
    ['ct state established', [match({ ct: { key: 'state' } }, 'established'), { accept: null }]],
    ['meta mark set', [{ mangle: { key: meta('mark'), value: { '|': [meta('mark'), 8192] } } }]],
    ['meta skuid 0', [match(meta('skuid'), 0)]],
    ['reject', [{ reject: null }]],
    ['masquerade', [{ masquerade: null }]],
    ['log prefix', [{ log: { prefix: 'x' } }]],
    ['limit rate over', [{ limit: { rate: 3, burst: 5, per: 'minute', inv: true } }, { drop: null }]],
    ['fib daddr type local', [match({ fib: { result: 'type', flags: 'daddr' } }, 'local')]],
  ])('%s', (_, expressions) => {
    expect(fidelityOf(expressions as never)).toBe('none')
  })
})

test('where a rule leads', () => {
  expect(jumpOf([match(meta('iif'), 'lo'), { accept: null }])).toBe('-j ACCEPT')
  expect(jumpOf([comment, counter, { goto: { target: 'X' } }])).toBe('-g X')
  expect(jumpOf([counter])).toBeNull()
  expect(jumpOf([{ reject: { type: 'tcp reset' } }])).toBe('-j REJECT')
  expect(jumpOf([{ vmap: {} }])).toBe('-j NFT')
  expect(jumpOf([{ dnat: { addr: '10.0.0.1' } }])).toBe('-j NFT')
  expect(jumpOf([{ xt: { type: 'target', name: 'DNAT' } }])).toBe('-j DNAT')
})
