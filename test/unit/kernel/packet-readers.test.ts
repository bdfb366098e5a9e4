import { expect, test } from 'vitest'
import { decodeRoute } from '../../../src/kernel/inspect/route-get.ts'
import { parseCounts } from '../../../src/kernel/packets/counts.ts'
import { parseNftRuleset } from '../../../src/kernel/read/nft.ts'

test('routes as the kernel gives them', () => {
  const decoded = (route: object) => decodeRoute(JSON.stringify([route]))
  expect(
    decoded({ dst: '192.0.2.1', gateway: '203.0.113.1', dev: 'ens5', prefsrc: '203.0.113.10', flags: [] }),
  ).toEqual({
    ...{ kind: 'unicast', dev: 'ens5', via: '203.0.113.1', source: '203.0.113.10' },
  })
  expect(decoded({ dst: '192.0.2.1', via: { family: 'inet6', host: 'fe80::1' }, dev: 'ens5' })).toMatchObject(
    { via: 'fe80::1' },
  )
  expect(decoded({ type: '2', dst: '127.0.0.1', dev: 'lo', prefsrc: '127.0.0.1' })).toEqual({
    kind: 'local',
    source: '127.0.0.1',
  })
  expect(decoded({ type: '7', dst: '2001:db8::1', dev: 'lo', error: -101 })).toMatchObject({
    kind: 'refused',
    why: 'unreachable',
  })
  expect(() => decodeRoute('[]')).toThrow('printed no route')
})

test('chains of other nftables tables, and whether anything in them may stop a packet', () => {
  const chain = (name: string, more = {}) => ({ chain: { family: 'inet', table: 'fw', name, ...more } })
  const rule = (name: string, ...expr: object[]) => ({
    rule: { family: 'inet', table: 'fw', chain: name, expr },
  })
  const hook = (name: string, policy = 'accept') =>
    chain(name, { type: 'filter', hook: 'forward', prio: 0, policy })
  const hooks = parseNftRuleset(
    JSON.stringify({
      nftables: [
        { metainfo: {} },
        ...[hook('quiet'), hook('strict', 'drop'), hook('jumps'), hook('stops'), hook('counts')],
        ...[chain('deny'), chain('loop')],
        { chain: { family: 'ip', table: 'filter', name: 'FORWARD', hook: 'forward', policy: 'drop' } },
        rule('counts', { match: {} }, { counter: {} }),
        rule('jumps', { jump: { target: 'deny' } }),
        rule('deny', { drop: null }),
        rule('stops', { match: {} }, { vmap: {} }),
        rule('loop', { jump: { target: 'loop' } }),
      ],
    }),
  )
  expect(hooks.map(({ chain: name, rules, harmless }) => [name, rules, harmless])).toEqual([
    ['quiet', 0, true],
    ['strict', 0, false],
    ['jumps', 1, false],
    ['stops', 1, false],
    ['counts', 1, true],
  ])
})

test('what a stack has counted: datagrams, refusals, and errors that came', () => {
  const snmp =
    'Ip: Forwarding\nIp: 1\nIcmp: InMsgs InDestUnreachs\nIcmp: 9 3\nTcp: RtoMin OutRsts\nTcp: 200 5\nUdp: InDatagrams NoPorts\nUdp: 42 7\n'
  expect(parseCounts(snmp, 'ipv4')).toEqual({ datagrams: 42, unheard: 7, resets: 5, unreachable: 3 })
  const snmp6 = 'Icmp6InDestUnreachs \t2\nUdp6InDatagrams                 \t6\nUdp6NoPorts \t1\n'
  expect(parseCounts(snmp + snmp6, 'ipv6')).toEqual({ datagrams: 6, unheard: 1, resets: 5, unreachable: 2 })
  expect(parseCounts('', 'ipv4')).toBeNull()
})
