import { describe, expect, test } from 'vitest'
import { remedyOf } from '../../../src/explain/remedy.ts'
import type { PolicyRule, Route } from '../../../src/model/host/snapshot.ts'
import { judged, route, type World } from './worlds.ts'

function rule(priority: number, table: number, selector: PolicyRule['selector'] = {}): PolicyRule {
  return { family: 'ipv4', priority, from: 'all', table, protocol: 0, selector }
}

const BORN = [rule(0, 255), rule(32766, 254)]

/** A narrower route than the world's own, by two interfaces. */
function twoWays(...hops: Route['hops'] & object): Route {
  return route('198.51.100.0/24', null, { multipath: true, hops })
}

const WAN = { via: '203.0.113.1', dev: 'wan' }

/** From the namespace to the outside. */
function outward(world: World) {
  return judged(world, { from: 'box', to: '198.51.100.7:80' })
}

describe('several next hops', () => {
  test('are of no matter where each comes to the same', () => {
    const { verdict } = outward({
      routes: [twoWays(WAN, { via: '203.0.113.2', dev: 'wan' })],
      rules: ['nat POSTROUTING -o wan -j MASQUERADE'],
    })
    expect(verdict).toMatchObject({ kind: 'leaves', dev: 'wan' })
  })

  test('are tried each way, and named where they come to different things', () => {
    const { verdict } = outward({
      routes: [twoWays(WAN, { via: null, dev: 'v0' })],
      rules: ['nat POSTROUTING -o wan -j MASQUERADE'],
    })
    expect(verdict).toMatchObject({
      kind: 'undetermined',
      unknowns: [
        {
          text: 'whether the kernel takes via 203.0.113.1 dev wan of 198.51.100.0/24 via 203.0.113.1 dev wan or dev v0, in host',
        },
      ],
    })
  })

  test('that are down are not tried', () => {
    const { verdict } = outward({
      routes: [twoWays(WAN, { via: null, dev: 'v0', dead: true })],
      rules: ['nat POSTROUTING -o wan -j MASQUERADE'],
    })
    expect(verdict).toMatchObject({ kind: 'leaves', dev: 'wan' })
  })

  test('are all ways back to rpfilter', () => {
    const { verdict } = judged(
      {
        routes: [twoWays({ via: null, dev: 'v0' }, WAN)],
        rules: ['raw PREROUTING -i wan -m rpfilter --invert -j DROP', 'filter FORWARD -o v0 -j ACCEPT'],
      },
      { to: 'box:80', source: '198.51.100.7' },
    )
    expect(JSON.stringify(verdict)).not.toContain('rpfilter')
  })
})

describe('a policy rule of others', () => {
  const vpn = { hostRules: [...BORN, rule(5270, 52)], routes: [route('0.0.0.0/0', 'wan', { table: 52 })] }

  test('that takes what is for a namespace is named, with the way out', () => {
    const judgement = judged(
      { ...vpn, rules: ['filter FORWARD -o v0 -j ACCEPT', 'policy filter FORWARD DROP'] },
      { to: 'box:80' },
    )
    expect(judgement.verdict).toMatchObject({
      detail:
        'policy DROP of filter FORWARD (iptables-nft); 10.0.0.2 is routed to wan by ip rule 5270 (from all lookup 52)',
    })
    expect(remedyOf(judgement)).toEqual([
      'let the main table decide about 10.0.0.0/24: ip rule add pref 5269 to 10.0.0.0/24 lookup main',
    ])
  })

  test('that makes rpfilter drop is named, too', () => {
    const judgement = outward({ ...vpn, rules: ['raw PREROUTING -m rpfilter --invert -j DROP'] })
    expect(judgement.verdict).toMatchObject({
      detail: expect.stringContaining('10.0.0.2 is routed to wan by ip rule 5270 (from all lookup 52)'),
    })
    expect(remedyOf(judgement).join()).toContain('ip rule add pref 5269 to 10.0.0.0/24 lookup main')
  })

  test('that leads out another way is said with the route', () => {
    const { request } = outward({
      hostRules: [...BORN, rule(7, 254, { suppress_prefixlen: 0 }), rule(8, 9, { not: 1, fwmark: '0xca6c' })],
      routes: [route('0.0.0.0/0', 'wan', { table: 9 })],
    })
    expect(request.map(({ effect }) => effect)).toContain(
      'dev wan, by ip rule 8 (not from all fwmark 0xca6c lookup 9)',
    )
  })
})
