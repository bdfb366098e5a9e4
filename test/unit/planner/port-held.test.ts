import { describe, expect, test } from 'vitest'
import type { Family } from '../../../src/model/address.ts'
import type { Snapshot } from '../../../src/model/host/snapshot.ts'
import { planTopology } from '../../../src/planner/plan.ts'
import { loadTopology } from '../../../src/topology/load.ts'
import { snapshotOf } from '../../cases/snapshots.ts'

const DNAT = '-j DNAT --to-destination 172.17.0.2:80'

describe('a forward conflicts with a rule of others', () => {
  test.each([
    ['that lists its port among several', `-p tcp -m multiport --dports 8000,6000 ${DNAT}`],
    ['that lists a range with its port in it', `-p tcp -m multiport --dports 22,5990:6010 ${DNAT}`],
    ['that takes every port but another', `-p tcp -m tcp ! --dport 22 ${DNAT}`],
    ['that takes every port but those of a list', `-p tcp -m multiport ! --dports 22,80 ${DNAT}`],
    ['for its port', `-p tcp -m tcp --dport 6000 ${DNAT}`],
    ['for a range with its port in it', `-p tcp -m tcp --dport 5000:7000 ${DNAT}`],
    [
      'for its port, with words in quotes',
      `-p tcp -m comment --comment "not --dport 22" -m tcp --dport 6000 ${DNAT}`,
    ],
    ['that hangs on what cannot be judged', `-p tcp -m set --match-set vips dst -m tcp --dport 6000 ${DNAT}`],
  ])('%s', (_, rule) => {
    expect(heldBeside(rule, 6000)).toEqual(['tcp/6000'])
  })

  test('for every address but those of the loopback, while it listens at one address', () => {
    const rule = `! -d 127.0.0.0/8 -p tcp -m tcp --dport 6000 ${DNAT}`
    expect(heldBeside(rule, '192.0.2.10:6000')).toEqual(['tcp/6000'])
    expect(heldBeside(rule, 6000)).toEqual(['tcp/6000'])
  })

  test('for a range of addresses that its own is in', () => {
    const rule = `-d 192.0.2.0/24 -p tcp -m tcp --dport 6000 ${DNAT}`
    expect(heldBeside(rule, '192.0.2.10:6000')).toEqual(['tcp/6000'])
  })

  test('for addresses by a mask with holes, one of which its own may be', () => {
    const rule = `-d 192.0.0.10/255.0.0.255 -p tcp -m tcp --dport 6000 ${DNAT}`
    expect(heldBeside(rule, '192.0.2.10:6000')).toEqual(['tcp/6000'])
  })

  test('of one family, when it is for both', () => {
    const rule = '-p tcp -m tcp --dport 6000 -j DNAT --to-destination [fd00::2]:80'
    expect(heldBeside(rule, 6000, 'ipv6')).toEqual(['tcp/6000'])
  })
})

describe('a forward goes with a rule of others', () => {
  test.each([
    ['that takes every port but its own', `-p tcp -m tcp ! --dport 6000 ${DNAT}`],
    ['that takes every port but a range with its own', `-p tcp -m tcp ! --dport 5990:6010 ${DNAT}`],
    [
      'that takes every port but those of a list with its own',
      `-p tcp -m multiport ! --dports 22,6000 ${DNAT}`,
    ],
    [
      'that names its port in a comment',
      `-p tcp -m comment --comment "was --dport 6000" -m tcp --dport 22 ${DNAT}`,
    ],
    [
      'that names its port in a comment with quotes',
      `-p tcp -m comment --comment "\\"x\\" --dport 6000 -j DNAT" -m tcp --dport 22 ${DNAT}`,
    ],
    [
      'that names its target in a comment only',
      '-p tcp -m comment --comment "was -j DNAT" -m tcp --dport 6000 -j ACCEPT',
    ],
    ['for every protocol but its own', `! -p tcp -m udp --dport 6000 ${DNAT}`],
    ['of another protocol', `-p udp -m udp --dport 6000 ${DNAT}`],
    ['for another port', `-p tcp -m tcp --dport 600 ${DNAT}`],
  ])('%s', (_, rule) => {
    expect(heldBeside(rule, 6000)).toEqual([])
  })

  test('for every address but its own', () => {
    const rule = `! -d 192.0.2.10/32 -p tcp -m tcp --dport 6000 ${DNAT}`
    expect(heldBeside(rule, '192.0.2.10:6000')).toEqual([])
  })

  test('of a family that it is not for', () => {
    const rule = '-p tcp -m tcp --dport 6000 -j DNAT --to-destination [fd00::2]:80'
    expect(heldBeside(rule, '0.0.0.0:6000', 'ipv6')).toEqual([])
  })
})

/** Subjects of `port-held` where a chain of others holds a rule. */
function heldBeside(rule: string, listen: number | string, family: Family = 'ipv4'): string[] {
  const file = {
    name: 'web',
    uplinks: ['ens5'],
    subnets: { lan: { cidr: ['10.0.0.0/24', 'fd00:1::/64'] } },
    namespaces: { box: {} },
    veths: [{ subnet: 'lan', ends: ['host:v0', 'box:v1'] }],
    forwards: [{ listen, to: 'box:80' }],
  }
  const { topology } = loadTopology(JSON.stringify(file), 'topology.yaml', {})
  const { findings } = planTopology(topology, withRule(rule, family))
  return findings.filter(({ code }) => code === 'port-held').map(({ subject }) => subject)
}

function withRule(rule: string, family: Family): Snapshot {
  const snapshot = snapshotOf('.')
  const nat = { name: 'nat', chains: [{ name: 'OTHERS', policy: null, rules: [rule] }] }
  return { ...snapshot, firewall: { ...snapshot.firewall, [family]: [nat] } }
}
