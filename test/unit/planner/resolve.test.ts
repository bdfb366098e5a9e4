import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Link, NamespaceState, Snapshot } from '../../../src/model/host/snapshot.ts'
import { groupOf } from '../../../src/model/ownership.ts'
import type { End, Topology } from '../../../src/model/topology.ts'
import { resolveTopology } from '../../../src/planner/resolve.ts'
import { FRESH, segment } from './topologies.ts'

const names = fc.uniqueArray(fc.constantFrom(...'abcdefgh'), { maxLength: 8 })
const members = names.map(list => list.map(name => ({ name })))

describe('automatic addresses', () => {
  test('stay when ends are added, removed or put in another order', () => {
    fc.assert(
      fc.property(members, members, (before, after) => {
        const first = resolveTopology(segment(before), FRESH)
        const second = resolveTopology(segment(after), hostWith(first))
        const kept = endsOf(second).filter(({ namespace }) => before.some(({ name }) => name === namespace))
        for (const end of kept) expect(end.addresses).toEqual(addressesOf(first, end.namespace))
      }),
    )
  })

  test('are all different, usable, and not the gateway', () => {
    fc.assert(
      fc.property(members, members, (before, after) => {
        const live = hostWith(resolveTopology(segment(before), FRESH))
        const addresses = endsOf(resolveTopology(segment(after), live)).flatMap(end => end.addresses)
        expect(addresses).toHaveLength(after.length)
        expect(new Set(addresses).size).toBe(addresses.length)
        const usable = Array.from({ length: 13 }, (_, i) => `10.0.0.${i + 2}/28`)
        expect(addresses.filter(address => !usable.includes(address))).toEqual([])
      }),
    )
  })

  test('give way to one that the file now claims for another end', () => {
    const first = resolveTopology(segment([{ name: 'a' }, { name: 'b' }]), FRESH)
    expect(addressesOf(first, 'a')).toEqual(['10.0.0.2/28'])
    const claimed = segment([{ name: 'a' }, { name: 'b' }, { name: 'c', address: '10.0.0.2' }])
    const second = resolveTopology(claimed, hostWith(first))
    expect(addressesOf(second, 'c')).toEqual(['10.0.0.2/28'])
    expect(addressesOf(second, 'a')).toEqual(['10.0.0.4/28'])
    expect(addressesOf(second, 'b')).toEqual(['10.0.0.3/28'])
  })

  test("are not kept from an interface that is not the topology's", () => {
    const live = hostWith(resolveTopology(segment([{ name: 'b' }, { name: 'a' }]), FRESH))
    for (const { links } of Object.values(live.namespaces)) for (const link of links) link.group = 0
    const again = resolveTopology(segment([{ name: 'a' }, { name: 'b' }]), live)
    expect(addressesOf(again, 'a')).toEqual(['10.0.0.2/28'])
  })
})

function endsOf({ veths }: Topology): End[] {
  return veths.flatMap(({ ends }) => ends.filter(({ namespace }) => namespace !== 'host'))
}

function addressesOf(topology: Topology, namespace: string): string[] {
  return endsOf(topology).find(end => end.namespace === namespace)?.addresses ?? []
}

/** A host on which the namespaces' ends stand as resolved. */
function hostWith(topology: Topology): Snapshot {
  const template = FRESH.host.links[0] as Link
  const stateOf = (end: End): NamespaceState => {
    const addresses = end.addresses.map(address => ({ address, scope: 'global' as const, tentative: false }))
    const link = { ...template, name: end.interface, kind: 'veth', group: groupOf(topology.name), addresses }
    return { links: [link], routes: [], rules: [], sysctls: {}, pids: [] }
  }
  return {
    ...FRESH,
    namespaces: Object.fromEntries(endsOf(topology).map(end => [end.namespace, stateOf(end)])),
  }
}
