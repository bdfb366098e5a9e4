import { describe, expect, test } from 'vitest'
import type { Link, PolicyRule, Route, Snapshot } from '../../../src/model/host/snapshot.ts'
import type { Plan } from '../../../src/model/plan/plan.ts'
import { defaultUplinks } from '../../../src/planner/default-uplinks.ts'
import { planTopology } from '../../../src/planner/plan.ts'
import { loadTopology } from '../../../src/topology/load.ts'
import { FRESH } from './topologies.ts'

const WEB = `
name: web
uplinks: [default]
subnets: { front: 10.20.0.0/24 }
namespaces: { shop: {} }
veths: [{ subnet: front, ends: [host, shop] }]
forwards: [{ listen: 8000, to: shop:8080 }]
`

interface Host {
  links?: string[]
  routes?: Route[]
  rules?: PolicyRule[]
  without?: (route: Route) => boolean
}

function hostOf({ links = [], routes = [], rules = [], without = () => false }: Host): Snapshot {
  const { host } = FRESH
  const template = host.links.find(({ name }) => name === 'ens5') as Link
  const made = links.map((name, i): Link => ({ ...template, name, index: 300 + i, addresses: [] }))
  return {
    ...FRESH,
    host: {
      ...host,
      links: [...host.links, ...made],
      routes: [...host.routes.filter(route => !without(route)), ...routes],
      rules: [...host.rules, ...rules].toSorted((a, b) => a.priority - b.priority),
    },
  }
}

function route(to: string, dev: string | null, rest: Partial<Route> = {}): Route {
  return {
    ...{ family: to.includes(':') ? 'ipv6' : 'ipv4', to, via: null, dev, table: 254, protocol: 3, metric: 0 },
    ...{ type: 'unicast', source: null, ...rest },
  } as Route
}

function rule(
  priority: number,
  table: number,
  selector: PolicyRule['selector'] = {},
  from = 'all',
): PolicyRule {
  return { family: 'ipv4', priority, from, table, protocol: 0, selector }
}

const isDefault4 = ({ to, table }: Route) => to === '0.0.0.0/0' && table === 254
const isDefault = ({ to, table }: Route) => to.endsWith('/0') && table === 254

const TAILSCALE: Host = {
  links: ['ts0'],
  routes: [route('0.0.0.0/0', 'ts0', { table: 52 })],
  rules: [
    rule(5210, 254, { fwmark: '0x80000', fwmask: '0xff0000' }),
    rule(5230, 253, { fwmark: '0x80000', fwmask: '0xff0000' }),
    rule(5250, 0, { fwmark: '0x80000', fwmask: '0xff0000', action: '7' }),
    rule(5270, 52),
  ],
}
const WGQUICK: Host = {
  links: ['wg0'],
  routes: [route('0.0.0.0/0', 'wg0', { table: 51820 })],
  rules: [rule(32764, 254, { suppress_prefixlen: 0 }), rule(32765, 51820, { not: 1, fwmark: '0xca6c' })],
}
const OPENVPN: Host = {
  links: ['tun0'],
  routes: [
    route('10.8.0.0/24', 'tun0', { protocol: 2 }),
    route('0.0.0.0/1', 'tun0', { via: '10.8.0.1' }),
    route('128.0.0.0/1', 'tun0', { via: '10.8.0.1' }),
  ],
}
const ONLINK: Host = {
  links: ['wan'],
  routes: [route('0.0.0.0/0', 'wan', { via: '172.31.1.1', metric: 50, onlink: true })],
}

function planOn(host: Host, text = WEB): Plan {
  const { topology } = loadTopology(text, 'web.yaml', {})
  return planTopology(topology, hostOf(host))
}

function defaultsOn(host: Host, text = WEB): string[] {
  return defaultUplinks(hostOf(host), loadTopology(text, 'web.yaml', {}).topology)
}

function codes({ findings }: Plan): string[] {
  return findings.map(({ severity, code, subject }) => `${severity} ${code}:${subject}`)
}

function notes({ findings }: Plan, code: string): string {
  return findings.flatMap(found => (found.code === code ? [found.summary, ...found.notes] : [])).join('\n')
}

/** Reply routes as `table-less route`, by interface. */
function replyRoutes({ changes }: Plan): string[] {
  return changes.flatMap(({ kind, scope, after }) => {
    const { to, via, dev, onlink, type, table } = (after ?? {}) as Record<string, unknown>
    if (kind !== 'route' || scope !== 'host' || table === 254) return []
    return [[type === 'throw' ? 'throw' : dev, to, via, onlink ? 'onlink' : ''].filter(Boolean).join(' ')]
  })
}

function ruleIds({ changes }: Plan): string[] {
  return changes.filter(({ kind }) => kind === 'rule').map(({ id }) => id)
}

describe('`default` stands for the interfaces by which packets really leave', () => {
  test.each<[string, Host, string[]]>([
    ['an interface of the main table, and one by a rule of tailscale', TAILSCALE, ['ens5', 'ts0']],
    ['… and one by a rule of wg-quick', WGQUICK, ['ens5', 'wg0']],
    ['a default route in halves', OPENVPN, ['ens5', 'tun0']],
    [
      'quarters, without any whole',
      {
        links: ['tun0'],
        without: isDefault,
        routes: ['0.0.0.0/2', '64.0.0.0/2', '128.0.0.0/2', '192.0.0.0/2'].map(to => route(to, 'tun0')),
      },
      ['tun0'],
    ],
    [
      'every next hop of a multipath route',
      {
        links: ['wan', 'lte'],
        without: isDefault,
        routes: [
          route('0.0.0.0/0', null, {
            multipath: true,
            hops: ['ens5', 'wan', 'lte'].map(dev => ({ dev, via: '192.0.2.1' })),
          }),
        ],
      },
      ['ens5', 'lte', 'wan'],
    ],
    [
      'a next hop that is down for now',
      {
        links: ['wan'],
        without: isDefault,
        routes: [
          route('::/0', null, {
            multipath: true,
            hops: [
              { dev: 'ens5', via: 'fe80::1' },
              { dev: 'wan', via: 'fe80::1', dead: true },
            ],
          }),
        ],
      },
      ['ens5', 'wan'],
    ],
    [
      'a default route in another table alone',
      {
        links: ['wan'],
        without: isDefault,
        routes: [route('0.0.0.0/0', 'wan', { table: 100 })],
        rules: [rule(100, 100)],
      },
      ['wan'],
    ],
    [
      'a way that a rule by source leads the subnet',
      {
        links: ['wan'],
        routes: [route('0.0.0.0/0', 'wan', { table: 200 })],
        rules: [rule(200, 200, {}, '10.20.0.0/24')],
      },
      ['ens5', 'wan'],
    ],
    [
      'not one for others: another source, another interface, a mark, a user, no table of any rule',
      {
        links: ['a', 'b', 'c', 'd', 'e'],
        routes: ['a', 'b', 'c', 'd', 'e'].map((dev, i) => route('0.0.0.0/0', dev, { table: 200 + i })),
        rules: [
          rule(200, 200, {}, '10.99.0.0/24'),
          rule(201, 201, { iif: 'docker0' }),
          rule(202, 202, { fwmark: '0x1' }),
          rule(203, 203, { uid_start: 1000, uid_end: 1000 }),
        ],
      },
      ['ens5'],
    ],
    [
      'one of some ports',
      {
        links: ['a'],
        routes: [route('0.0.0.0/0', 'a', { table: 200 })],
        rules: [rule(200, 200, { ipproto: 'ipproto-6', dport: 443 })],
      },
      ['a', 'ens5'],
    ],
    [
      'one that a rule leads to by a jump',
      {
        links: ['a', 'b'],
        routes: [route('0.0.0.0/0', 'a', { table: 200 }), route('0.0.0.0/0', 'b', { table: 201 })],
        rules: [rule(100, 0, { goto: 300 }), rule(200, 200), rule(300, 0, { nop: 1 }), rule(301, 201)],
      },
      ['b', 'ens5'],
    ],
    [
      'not what a blackhole takes',
      {
        links: ['a'],
        routes: [route('0.0.0.0/0', null, { table: 200, type: 'blackhole' })],
        rules: [rule(200, 200)],
      },
      ['ens5'],
    ],
    [
      'not what nsctl has made itself',
      {
        links: ['a'],
        routes: [route('0.0.0.0/0', 'a', { protocol: 110, metric: 7 })],
      },
      ['ens5'],
    ],
  ])('%s', (_, host, expected) => expect(defaultsOn(host)).toEqual(expected))
})

describe('findings', () => {
  test('tailscale takes the subnet away: refused, with the rule and the way out', () => {
    const plan = planOn(TAILSCALE)
    expect(codes(plan)).toContain('error routed-elsewhere:front')
    expect(notes(plan, 'routed-elsewhere')).toContain('ip rule 5270 (from all lookup 52)')
    expect(notes(plan, 'routed-elsewhere')).toContain('ip rule add pref 5269 to 10.20.0.0/24 lookup main')
  })

  test('… and is accepted once the main table decides', () => {
    const { rules = [], ...others } = TAILSCALE
    const mended = [...rules, rule(5269, 254, { dst: '10.20.0.0', dstlen: 24 })]
    expect(codes(planOn({ ...others, rules: mended }))).toEqual(['warning default-overridden:default'])
  })

  test.each<[string, Host, string, string]>([
    ['wg-quick', WGQUICK, 'wg0', 'ip rule 32765 (not from all fwmark 0xca6c lookup 51820)'],
    ['openvpn', OPENVPN, 'tun0', '.0.0.0/1 via 10.8.0.1 dev tun0'],
  ])('%s takes the place of the default route', (_, host, dev, by) => {
    const plan = planOn(host)
    expect(codes(plan)).toEqual(['warning default-overridden:default'])
    expect(notes(plan, 'default-overridden')).toContain(`leave through ${dev}, not through ens5`)
    expect(notes(plan, 'default-overridden')).toContain(by)
  })

  test.each<[string, Host, string, string]>([
    ['wg-quick', WGQUICK, 'wg0', 'ip rule add pref 32764 from 10.20.0.0/24 lookup main'],
    ['openvpn', OPENVPN, 'tun0', 'ip route add default via 203.0.113.1 dev ens5 table 200'],
  ])('named, the uplink of the file is not the one that %s leaves', (_, host, dev, remedy) => {
    const plan = planOn(host, WEB.replace('default', 'ens5'))
    expect(codes(plan)).toEqual([`warning leaves-elsewhere:${dev}`])
    expect(notes(plan, 'leaves-elsewhere')).toContain(`uplinks: [ens5, ${dev}]`)
    expect(notes(plan, 'leaves-elsewhere')).toContain(remedy)
  })

  test('an ordinary host has none', () => expect(codes(planOn({}))).toEqual([]))
})

describe('replies', () => {
  test('by an onlink gateway, which the table says too', () => {
    expect(replyRoutes(planOn(ONLINK))).toContain('wan 0.0.0.0/0 172.31.1.1 onlink')
  })

  test('by a gateway of the other family, and of several next hops by the own one', () => {
    const several = [
      { dev: 'ens5', via: '203.0.113.1' },
      { dev: 'wan', via: 'fe80::1' },
    ]
    const routes = [route('0.0.0.0/0', null, { multipath: true, hops: several })]
    expect(replyRoutes(planOn({ links: ['wan'], without: isDefault4, routes }))).toEqual(
      expect.arrayContaining(['ens5 0.0.0.0/0 203.0.113.1', 'wan 0.0.0.0/0 fe80::1', 'throw 10.20.0.0/24']),
    )
  })

  test('by the one uplink of a file, where a VPN would take them', () => {
    const plan = planOn(WGQUICK, WEB.replace('default', 'ens5'))
    expect(replyRoutes(plan)).toContain('ens5 0.0.0.0/0 203.0.113.1')
    expect(planOn({}, WEB.replace('default', 'ens5')).changes.filter(({ kind }) => kind === 'rule')).toEqual(
      [],
    )
  })

  test('before the first rule of others', () => {
    const early = { ...WGQUICK, rules: [rule(99, 254, { suppress_prefixlen: 0 }), rule(100, 51820)] }
    expect(ruleIds(planOn(early)).every(id => id.includes('/98/'))).toBe(true)
    expect(ruleIds(planOn(WGQUICK)).every(id => id.includes('/1100/'))).toBe(true)
  })
})
