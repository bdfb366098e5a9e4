import { describe, expect, test } from 'vitest'
import { numberUplinks } from '../../../src/kinds/network/reply-marks.ts'
import type { PolicyRule, Snapshot, Table } from '../../../src/model/host/snapshot.ts'
import { parseExpression } from '../../../src/model/nft/expression.ts'
import type { NftRule } from '../../../src/model/nft/ruleset.ts'
import { snapshotOf } from '../../cases/snapshots.ts'

const FRESH = snapshotOf('.')

interface Users {
  /** Targets and matches of iptables, in mangle PREROUTING. */
  iptables?: string[]
  /** What is asked of packet marks in ip rules. */
  rules?: PolicyRule['selector'][]
  nft?: NftRule['statements'][]
}

function hostWith({ iptables = [], rules = [], nft = [] }: Users, own: PolicyRule[] = []): Snapshot {
  const mangle: Table = {
    name: 'mangle',
    chains: [{ name: 'PREROUTING', policy: 'ACCEPT', rules: iptables }],
  }
  const chain = { name: 'c', rules: nft.map((statements, handle) => ({ handle, text: '', statements })) }
  return {
    ...FRESH,
    firewall: {
      ...FRESH.firewall,
      ipv4: [...FRESH.firewall.ipv4, mangle],
      nft: { tables: [{ family: 'inet', name: 't', chains: [chain], sets: [] }], misprints: [] },
    },
    host: { ...FRESH.host, rules: [...FRESH.host.rules, ...rules.map(foreign), ...own] },
  }
}

function foreign(selector: PolicyRule['selector']): PolicyRule {
  return { family: 'ipv4', priority: 5000, from: 'all', table: 100, protocol: 0, selector }
}

function ours(mark: number, mask: number, table: number): PolicyRule {
  const selector = { fwmark: `0x${mark.toString(16)}`, fwmask: `0x${mask.toString(16)}` }
  return { family: 'ipv4', priority: 1100, from: 'all', table, protocol: 110, selector }
}

/** The host after an apply. */
function applied(names: string[], users: Users = {}, before: PolicyRule[] = []): PolicyRule[] {
  const { mask, marks, tables } = numberUplinks(names, hostWith(users, before))
  return [...before, ...names.map(name => ours(marks.get(name) ?? 0, mask, tables.get(name) ?? 0))]
}

const TAILSCALE = { fwmark: '0x80000', fwmask: '0xff0000' }
const WGQUICK = { not: 1, fwmark: '0xca6c' }

describe('the bits', () => {
  test.each<[string, Users, number]>([
    ['the highest byte, where nobody marks', {}, 0xff000000],
    ['… beside tailscale and wg-quick', { rules: [TAILSCALE, WGQUICK] }, 0xff000000],
    ['… beside Kubernetes', { iptables: ['-m mark --mark 0x4000/0x4000 -j DROP'] }, 0xff000000],
    ['the lowest byte beside Calico', { iptables: ['-j MARK --set-xmark 0x10000/0xffff0000'] }, 0xff],
    [
      'those between where each byte is used',
      {
        iptables: ['-j MARK --set-xmark 0x10000/0xffff0000'],
        rules: [WGQUICK],
      },
      0x3593,
    ],
    [
      'not what native nftables sets',
      {
        nft: [
          [
            {
              mark: {
                of: 'ct',
                value: parseExpression({ '|': [{ '&': [{ ct: { key: 'mark' } }, 0xffffff] }, 0x5000000] }),
              },
            },
          ],
        ],
      },
      0xff,
    ],
    [
      'not what native nftables asks for',
      {
        nft: [
          [{ match: { operator: '==', left: parseExpression({ meta: { key: 'mark' } }), right: 0x1000000 } }],
        ],
      },
      0xff,
    ],
    [
      'all the same the highest, where there are none',
      { rules: [{ fwmark: '0x1', fwmask: '0xfffffffe' }] },
      0xff000000,
    ],
  ])('are %s', (_, users, mask) =>
    expect(numberUplinks(['ens5', 'wan'], hostWith(users)).mask.toString(16)).toBe(mask.toString(16)),
  )

  test('hold the marks, each another one, none 0', () => {
    const names = Array.from({ length: 40 }, (_, i) => `if${i}`)
    for (const users of [{}, { iptables: ['-j MARK --set-xmark 0x10000/0xffff0000'], rules: [WGQUICK] }]) {
      const { mask, marks } = numberUplinks(names, hostWith(users))
      const values = [...marks.values()]
      expect(new Set(values).size).toBe(names.length)
      expect(values.filter(value => value === 0 || (value & ~mask) !== 0)).toEqual([])
    }
  })
})

describe('the numbers', () => {
  test('are the same whatever the index of the interface is, and in a second plan', () => {
    const rules = applied(['ens5', 'ppp0'])
    expect(applied(['ens5', 'ppp0'], {}, rules).slice(rules.length)).toEqual(rules)
    const redialled = hostWith({}, rules)
    for (const link of redialled.host.links) link.index += 300
    expect(numberUplinks(['ens5', 'ppp0'], redialled)).toEqual(numberUplinks(['ens5', 'ppp0'], hostWith({})))
  })

  test('are those of another topology that is there already', () => {
    const rules = applied(['ens5', 'wan'])
    const { marks } = numberUplinks(['wan', 'lte'], hostWith({}, rules))
    expect(marks.get('wan')).toBe(Number(rules[1]?.selector.fwmark))
    expect(rules.map(({ selector }) => Number(selector.fwmark))).not.toContain(marks.get('lte'))
  })

  test('are none that the version before has given to others, by index', () => {
    const preferred = numberUplinks(['ens5', 'wan'], hostWith({})).marks.get('wan') ?? 0
    const rules = [ours(preferred, 0xff000000, 110_002)]
    const { marks } = numberUplinks(['ens5', 'wan'], hostWith({}, rules))
    expect([...marks.values()]).not.toContain(preferred)
  })

  test('of two tables that claim one mark, the higher moves', () => {
    const { mask, tables } = numberUplinks(['ens5', 'wan'], hostWith({}))
    const [low = 0, high = 0] = [...tables.values()].toSorted((a, b) => a - b)
    const { marks } = numberUplinks(
      ['ens5', 'wan'],
      hostWith({}, [ours(0x7000000, mask, low), ours(0x7000000, mask, high)]),
    )
    const byTable = new Map([...tables].map(([name, table]) => [table, marks.get(name)]))
    expect(byTable.get(low)).toBe(0x7000000)
    expect(byTable.get(high)).not.toBe(0x7000000)
  })

  test('of tables leave those of others alone', () => {
    const table = numberUplinks(['wan'], hostWith({})).tables.get('wan') ?? 0
    const taken: PolicyRule = { family: 'ipv4', priority: 9, from: 'all', table, protocol: 0, selector: {} }
    expect(numberUplinks(['wan'], hostWith({}, [taken])).tables.get('wan')).toBe(table + 1)
  })
})
