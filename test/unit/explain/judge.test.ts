import { describe, expect, test } from 'vitest'
import { outcomeOf } from '../../../src/explain/judgement.ts'
import { judged, route, type World } from './worlds.ts'

const said = (world: World, flow: Parameters<typeof judged>[1] = {}) => outcomeOf(judged(world, flow).verdict)

const REACHED = 'delivered to nginx (pid 7)'

describe('rules', () => {
  test.each<[string[], string]>([
    [[], REACHED],
    [['filter FORWARD -p tcp -m tcp --dport 80 -j DROP'], 'dropped by filter FORWARD rule 1'],
    [['filter FORWARD -p tcp -m tcp --dport 81:90 -j DROP'], REACHED],
    [['filter FORWARD -i wan ! -s 198.51.100.0/24 -j DROP'], REACHED],
    [
      ['filter FORWARD ! -i v+ -p tcp -j REJECT --reject-with tcp-reset'],
      'rejected by filter FORWARD rule 1',
    ],
    [
      ['filter FORWARD -p udp -j DROP', 'policy filter FORWARD DROP'],
      'policy DROP of filter FORWARD (iptables-nft)',
    ],
    [['filter FORWARD -j MINE', 'filter MINE -p tcp -j RETURN', 'filter MINE -j DROP'], REACHED],
    [['filter FORWARD -g MINE', 'filter MINE -p udp -j DROP', 'filter FORWARD -j DROP'], REACHED],
    [['filter FORWARD -m multiport --dports 22,79:81 -j DROP'], 'dropped by filter FORWARD rule 1'],
    [['filter FORWARD -m conntrack --ctstate NEW -j DROP'], 'dropped by filter FORWARD rule 1'],
    [
      ['filter FORWARD -m conntrack --ctstate ESTABLISHED -j DROP'],
      'no answer: dropped by filter FORWARD rule 1',
    ],
    [['filter FORWARD -m conntrack --ctdir REPLY -j DROP'], 'no answer: dropped by filter FORWARD rule 1'],
    [
      ['mangle PREROUTING -j MARK --set-xmark 0x5/0xff', 'filter FORWARD -m mark --mark 0x4/0x6 -j DROP'],
      'dropped by filter FORWARD rule 1',
    ],
    [
      ['raw PREROUTING -i wan -j CT --notrack', 'filter FORWARD -m conntrack ! --ctstate UNTRACKED -j DROP'],
      'no answer: dropped by filter FORWARD rule 1',
    ],
    [['filter FORWARD -m addrtype --dst-type LOCAL -j DROP'], REACHED],
    [['raw PREROUTING -m rpfilter --invert -j DROP'], REACHED],
    [
      [
        'filter FORWARD -p tcp -m tcp --sport 1024:65535 -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j LOG',
        'filter FORWARD -i wan -p tcp -m tcp --sport 1:1023 -j DROP',
      ],
      REACHED,
    ],
  ])('%j: %s', (rules, outcome) => expect(said({ rules })).toBe(outcome))

  test('a destination that is translated is where it goes, and whence the answer seems to come', () => {
    const rules = [
      'nat PREROUTING -d 203.0.113.10/32 -p tcp -m tcp --dport 8000:8010 -j DNAT --to-destination 10.0.0.2:80-90/8000',
    ]
    const { verdict, reply } = judged({ rules }, { to: 'host:8000' })
    expect(outcomeOf(verdict)).toBe(REACHED)
    expect(reply.at(-1)).toMatchObject({ place: 'host', where: 'route', effect: 'via 203.0.113.1 dev wan' })
    expect(said({ rules }, { to: 'host:8001' })).toBe('nothing listens on tcp 10.0.0.2:81 in box')
  })

  test('what is masqueraded can be answered, what is not cannot', () => {
    const out = { from: 'box', to: '192.0.2.9:53', protocol: 'udp' } as const
    expect(said({}, out)).toMatch(/^no answer: it leaves host through wan as 10\.0\.0\.2, a private address/)
    expect(said({ rules: ['nat POSTROUTING -s 10.0.0.0/24 -o wan -j MASQUERADE'] }, out)).toBe(
      'leaves host through wan',
    )
  })
})

describe('what cannot be evaluated', () => {
  const UNKNOWN = 'filter FORWARD -m string --string evil --algo bm -j DROP'

  test('is an open verdict where it matters, and names the match, the rule, and what may be', () => {
    const { verdict } = judged({ rules: [UNKNOWN] }, {})
    expect(verdict).toEqual({
      kind: 'undetermined',
      unknowns: [
        {
          key: expect.any(String),
          text: '-m string --string evil --algo bm in filter FORWARD rule 1 of host (unknown)',
        },
      ],
      outcomes: [REACHED, 'no answer: dropped by filter FORWARD rule 1', 'dropped by filter FORWARD rule 1'],
    })
  })

  test('is tried in every combination: two matches may matter only together', () => {
    const mark = (name: string, bit: string) =>
      `mangle FORWARD -m recent --rcheck --name ${name} -j MARK --set-xmark ${bit}/${bit}`
    const rules = [mark('a', '0x1'), mark('b', '0x2'), 'filter FORWARD -i wan -m mark --mark 0x3/0x3 -j DROP']
    const { verdict } = judged({ rules }, {})
    expect(verdict).toMatchObject({
      kind: 'undetermined',
      unknowns: [
        { text: expect.stringContaining('--name a') },
        { text: expect.stringContaining('--name b') },
      ],
      outcomes: [REACHED, 'dropped by filter FORWARD rule 1'],
    })
  })

  test('is of no matter where all comes to the same', () => {
    const rules = ['filter FORWARD -m limit --limit 5/min -j LOG', 'filter FORWARD -p tcp -j DROP']
    const { verdict, immaterial } = judged({ rules }, {})
    expect(outcomeOf(verdict)).toBe('dropped by filter FORWARD rule 2')
    expect(
      judged({ rules: ['filter FORWARD -m set --match-set a src -j ACCEPT'] }, {}).immaterial,
    ).toHaveLength(1)
    expect(immaterial).toEqual([])
  })

  test('does not matter behind what rules the packet out', () =>
    expect(said({ rules: ['filter FORWARD -p udp -m string --string evil --algo bm -j DROP'] })).toBe(
      REACHED,
    ))

  test('a target, an option or a module that nobody knows is none to guess at', () => {
    for (const rule of ['-j FUTURE --option', '-p tcp -m tcp --future 3 -j DROP', '-m future -j DROP'])
      expect(judged({ rules: [`filter FORWARD ${rule}`] }, {}).verdict.kind).toBe('undetermined')
  })

  test('more unknowns than can be tried leave it open', () => {
    const rules = Array.from(
      { length: 12 },
      (_, i) => `filter FORWARD -m recent --rcheck --name a${i} -j LOG`,
    )
    expect(said({ rules })).toBe(REACHED)
    const many = Array.from(
      { length: 12 },
      (_, i) => `filter FORWARD -m recent --rcheck --name a${i} -j MARK --set-xmark ${i}/0xff`,
    )
    expect(judged({ rules: many }, {}).verdict.kind).toBe('undetermined')
  })
})

describe('routing by the tables', () => {
  test.each<[string, World, string]>([
    [
      'forwarding off',
      { sysctls: { 'net/ipv4/conf/wan/forwarding': '0' } },
      'net.ipv4.conf.wan.forwarding is 0',
    ],
    [
      'blackhole',
      { routes: [route('10.0.0.2/32', null, { type: 'blackhole' })] },
      'host has a blackhole route 10.0.0.2/32',
    ],
    ['a narrower route elsewhere', { routes: [route('10.0.0.2/32', 'wan')] }, 'leaves host through wan'],
    [
      'strict rp_filter',
      { sysctls: { 'net/ipv4/conf/wan/rp_filter': '1' }, routes: [route('198.51.100.0/24', 'v0')] },
      'rp_filter of wan is 1, and the way back to 198.51.100.7 leads through v0',
    ],
    [
      'loose rp_filter',
      { sysctls: { 'net/ipv4/conf/wan/rp_filter': '2' }, routes: [route('198.51.100.0/24', 'wan')] },
      REACHED,
    ],
    [
      'a policy rule',
      {
        hostRules: [
          {
            family: 'ipv4',
            priority: 5,
            from: '198.51.100.0/24',
            table: 0,
            protocol: 0,
            selector: { action: '8' },
          },
        ],
      },
      'ip rule 5 (from 198.51.100.0/24 prohibit) decides',
    ],
    [
      'a selector that is not known',
      {
        hostRules: [
          { family: 'ipv4', priority: 5, from: 'all', table: 99, protocol: 0, selector: { novel: 3 } },
          { family: 'ipv4', priority: 9, from: 'all', table: 255, protocol: 2, selector: {} },
          { family: 'ipv4', priority: 32766, from: 'all', table: 254, protocol: 2, selector: {} },
        ],
        routes: [route('10.0.0.0/24', null, { table: 99, type: 'blackhole' })],
      },
      'undetermined',
    ],
    [
      'another listener',
      { listeners: [{ protocol: 'tcp', address: '127.0.0.1', port: 80, process: 'flask (pid 3)' }] },
      'nothing listens on tcp 10.0.0.2:80 in box; flask (pid 3) listens on 127.0.0.1 only',
    ],
  ])('%s', (_, world, outcome) => expect(said(world)).toBe(outcome))

  test('a source of the host itself does not come in from outside', () =>
    expect(said({}, { source: '10.0.0.1' })).toBe(
      '10.0.0.1 is an address of host itself: it cannot come from elsewhere',
    ))
})
