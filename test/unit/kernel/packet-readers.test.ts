import { expect, test } from 'vitest'
import { decodeRoute } from '../../../src/kernel/inspect/route-get.ts'
import { parseCounts } from '../../../src/kernel/packets/counts.ts'

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

test('what a stack has counted: datagrams, refusals, and errors that came', () => {
  const snmp =
    'Ip: Forwarding\nIp: 1\nIcmp: InMsgs InDestUnreachs\nIcmp: 9 3\nTcp: RtoMin OutRsts\nTcp: 200 5\nUdp: InDatagrams NoPorts\nUdp: 42 7\n'
  expect(parseCounts(snmp, 'ipv4')).toEqual({ datagrams: 42, unheard: 7, resets: 5, unreachable: 3 })
  const snmp6 = 'Icmp6InDestUnreachs \t2\nUdp6InDatagrams                 \t6\nUdp6NoPorts \t1\n'
  expect(parseCounts(snmp + snmp6, 'ipv6')).toEqual({ datagrams: 6, unheard: 1, resets: 5, unreachable: 2 })
  expect(parseCounts('', 'ipv4')).toBeNull()
})
