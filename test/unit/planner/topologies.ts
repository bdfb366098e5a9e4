import fc from 'fast-check'
import type { Snapshot } from '../../../src/model/host/snapshot.ts'
import type { Topology } from '../../../src/model/topology.ts'
import { loadTopology } from '../../../src/topology/load.ts'
import { snapshotOf } from '../../cases/snapshots.ts'

/** Reading a file takes milliseconds. */
fc.configureGlobal({ numRuns: 40 })

const NAMESPACES = ['a', 'b', 'c', 'd']

/** A fresh host with an uplink ens5. */
export const FRESH: Snapshot = snapshotOf('.')

const mac = fc.constantFrom('02:00:00:00:00:0a', '02:00:00:00:00:0b')
const mtu = fc.constantFrom(1280, 1400, 1500)

const cable = fc.record(
  { mtu, mac, hostEnd: fc.constantFrom('first', 'second'), farEnd: fc.constantFrom('eth0', 'wan0') },
  { requiredKeys: ['hostEnd', 'farEnd'] },
)

const namespace = fc.record({
  /** Cables to the host, each with a subnet of its own. */
  cables: fc.array(cable, { maxLength: 2 }),
  published: fc.uniqueArray(fc.integer({ min: 6000, max: 6003 }), { maxLength: 2 }),
  settings: fc.record(
    {
      nameservers: fc.constantFrom(['192.0.2.1'], ['192.0.2.1', '192.0.2.2']),
      sysctls: fc.constantFrom({ 'net.ipv4.ip_forward': 1 }, { 'net.core.somaxconn': 128 }),
    },
    { requiredKeys: [] },
  ),
})

/** All draw from few names and values, so that any two have much in common and differ in every way there is. */
export const topologies: fc.Arbitrary<Topology> = fc
  .record({
    uplinks: fc.constantFrom(['ens5'], ['default'], []),
    namespaces: fc.dictionary(fc.constantFrom(...NAMESPACES), namespace, { minKeys: 1 }),
    between: fc.constantFrom(null, ['a', 'b'], ['a', 'c'], ['b', 'c']),
    policy: fc.constantFrom('keep', 'drop'),
  })
  .map(({ uplinks, namespaces, between, policy }) => {
    const cables = Object.entries(namespaces).flatMap(([name, { cables }]) =>
      cables.map((made, i) => ({
        ...made,
        name,
        subnet: `${name}${i}`,
        number: NAMESPACES.indexOf(name) * 2 + i,
      })),
    )
    const used = new Set<number>()
    return load({
      name: 'random',
      uplinks,
      subnets: Object.fromEntries(cables.map(({ subnet, number }) => [subnet, `10.0.${number}.0/24`])),
      namespaces: Object.fromEntries(
        Object.entries(namespaces).map(([name, { settings }]) => [name, settings]),
      ),
      veths: [
        ...cables.map(({ name, subnet, number, mtu, mac, hostEnd, farEnd }) => ({
          subnet,
          ...(mtu === undefined ? {} : { mtu }),
          ends: [
            `host:${hostEnd}${number}`,
            { namespace: name, interface: `${farEnd}-${number}`, ...(mac === undefined ? {} : { mac }) },
          ],
        })),
        ...(between?.every(name => name in namespaces)
          ? [
              {
                ends: [
                  `${between[0]}:across`,
                  { namespace: between[1], interface: 'across', address: '10.9.9.2/24' },
                ],
              },
            ]
          : []),
      ],
      forwards: Object.entries(namespaces).flatMap(([name, { cables, published }]) =>
        published
          .filter(port => cables.length > 0 && !used.has(port) && used.add(port))
          .map(listen => ({ listen, to: `${name}:80` })),
      ),
      host: { 'forward-policy': policy },
    })
  })

/** A shared segment with these namespaces on it, in this order; addresses drawn, but where one is given. */
export function segment(members: { name: string; address?: string }[]): Topology {
  return load({
    name: 'random',
    subnets: { lan: { cidr: '10.0.0.0/28', bridge: 'br0' } },
    namespaces: Object.fromEntries(members.map(({ name }) => [name, {}])),
    veths: members.map(({ name, address }) => ({
      subnet: 'lan',
      ends: [`host:to-${name}`, { namespace: name, interface: 'eth0', ...(address ? { address } : {}) }],
    })),
  })
}

/** JSON is YAML. */
function load(file: object): Topology {
  return loadTopology(JSON.stringify(file), 'random.yaml', {}).topology
}
