import fc from 'fast-check'
import { expect, test } from 'vitest'
import { argumentsOf, batchInput, isBatchable, vectorOf } from '../../../../src/model/command/batch.ts'
import type { IpCommand, RouteCommand } from '../../../../src/model/command/ip.ts'
import type { TcCommand } from '../../../../src/model/command/tc.ts'

const ON_HOST = { tool: 'ip', namespace: 'host' } as const
const IN_WEB = { tool: 'ip', namespace: 'web' } as const

const LINES: [string, IpCommand | TcCommand][] = [
  ['ip netns add web', { ...ON_HOST, op: 'netns-add', name: 'web' }],
  ['ip netns del web', { ...ON_HOST, op: 'netns-delete', name: 'web' }],
  [
    'ip link add name br0 address 02:00:00:00:00:01 mtu 1400 group 7 type bridge',
    {
      ...{ ...ON_HOST, op: 'link-add', type: 'bridge' },
      link: { name: 'br0', mac: '02:00:00:00:00:01', mtu: 1400, group: 7 },
    },
  ],
  [
    'ip link add name w0 index 9 type veth peer name eth0 group 7 netns web',
    {
      ...{ ...ON_HOST, op: 'link-add', type: 'veth' },
      link: { name: 'w0', index: 9 },
      peer: { name: 'eth0', group: 7, namespace: 'web' },
    },
  ],
  [
    'ip link set dev w0 group 7 alias nsctl:web mtu 1400 address 02:00:00:00:00:01 master br0 up',
    {
      ...{ ...ON_HOST, op: 'link-set', dev: 'w0', state: 'up', master: 'br0' },
      ...{ mac: '02:00:00:00:00:01', mtu: 1400, alias: 'nsctl:web', group: 7 },
    },
  ],
  [
    'ip link set dev w0 group 0 alias  nomaster down',
    { ...ON_HOST, op: 'link-set', dev: 'w0', alias: '', group: 0, master: null, state: 'down' },
  ],
  ['ip link set dev w0 name w1', { ...ON_HOST, op: 'link-set', dev: 'w0', name: 'w1' }],
  ['ip link set dev w0 addrgenmode none', { ...ON_HOST, op: 'link-set', dev: 'w0', addrgenmode: 'none' }],
  [
    'ip link set dev w0 type bridge_slave hairpin on',
    { ...ON_HOST, op: 'link-set', dev: 'w0', hairpin: true },
  ],
  ['ip link del dev w0', { ...ON_HOST, op: 'link-delete', dev: 'w0' }],
  [
    'ip -n web addr replace 2001:db8::1/64 dev eth0 nodad',
    { ...IN_WEB, op: 'address-replace', address: '2001:db8::1/64', dev: 'eth0', nodad: true },
  ],
  [
    'ip -n web addr add 10.0.0.1/24 dev eth0 scope link noprefixroute',
    {
      ...{ ...IN_WEB, op: 'address-add', address: '10.0.0.1/24', dev: 'eth0' },
      ...{ scope: 'link', noprefixroute: true },
    },
  ],
  [
    'ip -n web addr del 10.0.0.1/24 dev eth0',
    { ...IN_WEB, op: 'address-delete', address: '10.0.0.1/24', dev: 'eth0' },
  ],
  [
    'ip -n web addr flush dev eth0 to 2001:db8::1',
    { ...IN_WEB, op: 'address-flush', dev: 'eth0', to: '2001:db8::1' },
  ],
  [
    'ip -n web addr flush dev eth0 scope link',
    { ...IN_WEB, op: 'address-flush', dev: 'eth0', scope: 'link' },
  ],
  ['ip -n web route replace 10.0.0.0/8 via 10.1.0.1 dev eth0 proto 110', route({ via: '10.1.0.1' })],
  [
    'ip -n web route replace 10.0.0.0/8 via inet6 fe80::1 dev eth0 onlink table 7 metric 9 proto 110 src 10.1.0.2',
    route({ via: 'fe80::1', onlink: true, table: 7, metric: 9, source: '10.1.0.2' }),
  ],
  ['ip -n web route replace blackhole 10.0.0.0/8 proto 110', route({ type: 'blackhole', dev: null })],
  // Without a table `ip` would put it into the local one.
  ['ip -n web route replace local 10.0.0.0/8 dev eth0 table 254 proto 110', route({ type: 'local' })],
  [
    'ip -6 -n web rule add from 2001:db8::/64 lookup 7 priority 9 protocol 110',
    {
      ...{ ...IN_WEB, op: 'rule-add', family: 'ipv6', selector: { from: '2001:db8::/64' } },
      ...{ table: 7, priority: 9, protocol: 110 },
    },
  ],
  [
    'ip rule add not from all to 10.0.0.0/8 fwmark 0x10/0xf0 iif a oif b tos 0x10 lookup 7 priority 9',
    {
      ...{ ...ON_HOST, op: 'rule-add', family: 'ipv4', table: 7, priority: 9, protocol: 0 },
      selector: {
        ...{ not: true, from: 'all', to: '10.0.0.0/8', fwmark: '0x10/0xf0' },
        ...{ iif: 'a', oif: 'b', tos: '0x10' },
      },
    },
  ],
  ['ip rule del priority 0', { ...ON_HOST, op: 'rule-delete', family: 'ipv4', priority: 0 }],
  [
    'tc -n web qdisc replace dev eth0 root tbf rate 10000000bit burst 65550b latency 50ms',
    {
      ...{ tool: 'tc', namespace: 'web', op: 'qdisc-replace', dev: 'eth0' },
      ...{ rate: 10_000_000, burst: 65_550, latency: 50 },
    },
  ],
  ['tc qdisc del dev w0 root', { tool: 'tc', namespace: 'host', op: 'qdisc-delete', dev: 'w0' }],
]

function route(own: Partial<RouteCommand>): IpCommand {
  return {
    ...{ ...IN_WEB, op: 'route-replace', to: '10.0.0.0/8', type: 'unicast', via: null, dev: 'eth0' },
    ...{ table: 254, metric: 0, protocol: 110 },
    ...own,
  }
}

test.each(LINES)('%s', (line, command) => {
  expect(vectorOf(command).join(' ')).toBe(line)
})

test('a command is a line of a batch only where ip splits it into the same words', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (dev, alias) => {
      const command: IpCommand = { ...ON_HOST, op: 'link-set', dev, alias }
      fc.pre(isBatchable(command))
      const line = batchInput([command])
      expect(line.endsWith('\n')).toBe(true)
      expect(line.slice(0, -1).split(/\s+/)).toEqual(argumentsOf(command))
    }),
  )
  for (const dev of ['', 'a b', "it's", 'a"b', '#', 'a\\b', '$(id)'])
    expect(isBatchable({ ...ON_HOST, op: 'link-delete', dev })).toBe(false)
})
