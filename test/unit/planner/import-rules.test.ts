import { describe, expect, test } from 'vitest'
import type { Snapshot } from '../../../src/model/host/snapshot.ts'
import { foreignRules, isLetThrough } from '../../../src/planner/import/rules.ts'
import { snapshotOf } from '../../cases/snapshots.ts'

describe('whether the host lets a connection through', () => {
  test('is not known where a rule is for every interface but one', () => {
    expect(between('v0', 'v1', '! -i eth0 -j DROP')).toBeNull()
    expect(between('v0', 'v1', '-i v0 ! -o eth0 -j REJECT --reject-with icmp-port-unreachable')).toBeNull()
  })

  test('is not known where a rule is for all but some states', () => {
    expect(between('v0', 'v1', '-m conntrack ! --ctstate RELATED,ESTABLISHED -j DROP')).toBeNull()
  })

  test('is said by the first rule that is for both interfaces', () => {
    expect(between('v0', 'v1', '-i v0 -o v+ -m comment --comment "! -i v0" -j DROP')).toBe(false)
    expect(between('v0', 'v1', '-i v2 -j DROP')).toBe(true)
    expect(between('v0', 'v1', '-m conntrack --ctstate RELATED,ESTABLISHED -j DROP')).toBe(true)
  })
})

function between(from: string, to: string, rule: string): boolean | null {
  const base = snapshotOf('.')
  const filter = { name: 'filter', chains: [{ name: 'FORWARD', policy: 'ACCEPT', rules: [rule] }] }
  const snapshot: Snapshot = {
    ...base,
    host: { ...base.host, sysctls: { ...base.host.sysctls, 'net/ipv4/conf/v0/forwarding': '1' } },
    firewall: { ...base.firewall, ipv4: [filter] },
  }
  return isLetThrough(snapshot, foreignRules(snapshot), 'ipv4', from, to)
}
