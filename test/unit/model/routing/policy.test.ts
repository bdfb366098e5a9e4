import { describe, expect, test } from 'vitest'
import type { PolicyRule, Route } from '../../../../src/model/host/snapshot.ts'
import { isDefaultOrPiece, waysOut } from '../../../../src/model/routing/outside.ts'
import { possibleDecisions } from '../../../../src/model/routing/policy.ts'
import { printedDecision } from '../../../../src/model/routing/printed.ts'
import type { RoutedPacket } from '../../../../src/model/routing/selects.ts'
import { route } from '../../explain/worlds.ts'

function rule(
  priority: number,
  table: number,
  selector: PolicyRule['selector'] = {},
  from = 'all',
): PolicyRule {
  return { family: 'ipv4', priority, from, table, protocol: 0, selector }
}

const MAIN = rule(32766, 254)
const PACKET: RoutedPacket = {
  ...{ family: 'ipv4', destination: '198.51.100.7', source: '10.20.0.2', input: 'v0', mark: 0 },
  ...{ protocol: 'tcp', destinationPort: 443 },
}

/** What decides, the sure one first. */
function decided(rules: PolicyRule[], routes: Route[], packet: Partial<RoutedPacket> = {}): string[] {
  const tables = { links: [], rules: [...rules, MAIN], routes: [route('0.0.0.0/0', 'ens5'), ...routes] }
  return possibleDecisions(tables, { ...PACKET, ...packet }).map(one => {
    if (one === null) return 'none'
    return one.route?.dev ?? one.route?.type ?? printedDecision(one)
  })
}

const other = route('0.0.0.0/0', 'vpn', { table: 9 })

describe('a policy rule', () => {
  test.each<[string, PolicyRule, Partial<RoutedPacket>, string[]]>([
    ['of all', rule(9, 9), {}, ['vpn']],
    ['of a source', rule(9, 9, {}, '10.20.0.0/24'), {}, ['vpn']],
    ['of another source', rule(9, 9, {}, '10.21.0.0/24'), {}, ['ens5']],
    ['of a destination', rule(9, 9, { dst: '198.51.100.0', dstlen: 24 }), {}, ['vpn']],
    ['of an interface', rule(9, 9, { iif: 'v0' }), {}, ['vpn']],
    ['of the place itself', rule(9, 9, { iif: 'lo' }), { input: null }, ['vpn']],
    ['of bound sockets', rule(9, 9, { oif: 'vpn' }), {}, ['ens5']],
    ['of a mark', rule(9, 9, { fwmark: '0x80000', fwmask: '0xff0000' }), { mark: 0x12080001 }, ['vpn']],
    ['of all but a mark', rule(9, 9, { not: 1, fwmark: '0xca6c' }), {}, ['vpn']],
    ['of all but its own mark', rule(9, 9, { not: 1, fwmark: '0xca6c' }), { mark: 0xca6c }, ['ens5']],
    ['of root, as which forwarded packets count', rule(9, 9, { uid_start: 0, uid_end: 0 }), {}, ['vpn']],
    ['of a user, for forwarded packets', rule(9, 9, { uid_start: 1000, uid_end: 1000 }), {}, ['ens5']],
    [
      'of a user, for those of a process',
      rule(9, 9, { uid_start: 0, uid_end: 9 }),
      { input: null },
      ['ens5', 'vpn'],
    ],
    ['of a port', rule(9, 9, { ipproto: 'ipproto-6', dport_start: 400, dport_end: 500 }), {}, ['vpn']],
    ['of a port, for another', rule(9, 9, { dport: 80 }), {}, ['ens5']],
    ['of another protocol', rule(9, 9, { ipproto: 'ipproto-17' }), {}, ['ens5']],
    ['of a client port', rule(9, 9, { sport: 80 }), {}, ['ens5', 'vpn']],
    ['of a type of service', rule(9, 9, { tos: '0x10' }), {}, ['ens5']],
    ['of a VRF, where there is none', rule(9, 0, { l3mdev: 1 }), {}, ['ens5']],
    ['that is not known here', rule(9, 9, { novel: 1 }), {}, ['ens5', 'vpn']],
    ['that refuses', rule(9, 0, { action: '7' }), {}, ['ip rule 9 (from all unreachable)']],
    ['that takes no default route', rule(9, 9, { suppress_prefixlen: 0 }), {}, ['ens5']],
  ])('%s', (_, one, packet, expected) => expect(decided([one], [other], packet)).toEqual(expected))

  test('jumps, over others and nowhere', () => {
    const jump = rule(5, 0, { goto: 20 })
    expect(decided([jump, rule(9, 9), rule(20, 0, { nop: 1 })], [other])).toEqual(['ens5'])
    expect(decided([jump, rule(9, 9)], [other])).toEqual(['vpn'])
  })
})

describe('a table', () => {
  test('with nothing for the packet, or with `throw`, leaves it to the next rule', () => {
    expect(decided([rule(9, 9)], [route('10.0.0.0/8', 'vpn', { table: 9 })])).toEqual(['ens5'])
    expect(
      decided([rule(9, 9)], [other, route('198.51.100.0/24', null, { table: 9, type: 'throw' })]),
    ).toEqual(['ens5'])
  })

  test('may refuse', () =>
    expect(decided([rule(9, 9)], [route('0.0.0.0/0', null, { table: 9, type: 'blackhole' })])).toEqual([
      'blackhole',
    ]))

  test('has its best route by prefix, source and metric, none for other types of service', () => {
    expect(
      decided([], [route('198.51.100.0/24', 'a'), route('198.51.100.0/25', 'b', { tos: '0x10' })]),
    ).toEqual(['a'])
    expect(
      decided([], [route('198.51.100.0/24', 'a', { metric: 9 }), route('198.51.100.0/24', 'b')]),
    ).toEqual(['b'])
    const six = { family: 'ipv6', destination: '2001:db8::7', source: '2001:db8:9::2' } as const
    const routes = [
      route('::/0', 'a', { family: 'ipv6' }),
      route('::/0', 'b', { family: 'ipv6', from: '2001:db8:9::/48' }),
    ]
    expect(decided([], routes, six)).toEqual(['b'])
    expect(decided([], routes, { ...six, source: '2001:db8:8::2' })).toEqual(['a'])
  })
})

describe('the ways out', () => {
  test.each(['0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1', '64.0.0.0/2', '160.0.0.0/3'])('%s leads out', to =>
    expect(isDefaultOrPiece(route(to, 'a'))).toBe(true),
  )
  test.each(['10.0.0.0/8', '224.0.0.0/4', '240.0.0.0/4'])('%s does not', to =>
    expect(isDefaultOrPiece(route(to, 'a'))).toBe(false),
  )
  test.each<[string, boolean]>([
    ['2000::/3', true],
    ['::/1', true],
    ['8000::/1', false],
    ['fe80::/10', false],
  ])('%s: %s', (to, expected) => expect(isDefaultOrPiece(route(to, 'a', { family: 'ipv6' }))).toBe(expected))

  test('are all living next hops, or all where none lives', () => {
    const hops = [
      { via: null, dev: 'a' },
      { via: null, dev: 'b', dead: true as const },
    ]
    const ways = (dead: boolean) =>
      waysOut(
        {
          links: [],
          rules: [],
          routes: [route('0.0.0.0/0', null, { multipath: true, hops: dead ? hops.slice(1) : hops })],
        },
        { family: 'ipv4', source: null, input: '*' },
      ).map(({ dev }) => dev)
    expect(ways(false)).toEqual(['a'])
    expect(ways(true)).toEqual(['b'])
  })
})
