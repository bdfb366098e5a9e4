import { addressOf, cidr, type Family, familyOf, formatCidr, networkOf } from '../model/address.ts'
import { groupBy } from '../model/text/lookup.ts'
import type { Subnet, Topology } from '../model/topology.ts'
import { chain, type WantedChain } from './chain.ts'
import { LOOPBACK_NETWORK, rule, state, toGroup } from './match.ts'
import { networkTree, type Placed } from './tree.ts'

/** Source addresses: what leaves for the outside, and what would be answered past the host. */
export function sourceNat(topology: Topology, family: Family): WantedChain[] {
  const own = topology.name
  const published = [toGroup(own), state('DNAT')]
  const tree = networkTree(own, 'sourceNatTree', [
    ...hairpins(topology, family).map(network => ({
      key: network,
      rule: rule({ source: network, destination: network, modules: published }, 'MASQUERADE'),
    })),
    ...topology.subnets.flatMap(subnet => masquerades(topology, subnet, family)),
  ])
  const rules = [
    ...(family === 'ipv4' ? [rule({ source: LOOPBACK_NETWORK.ipv4, modules: published }, 'MASQUERADE')] : []),
    ...ownPairs(topology, family).map(([source, destination]) =>
      rule({ source, destination, modules: published }, 'MASQUERADE'),
    ),
    ...tree.root,
  ]
  return [
    ...tree.branches.map(branch =>
      chain(own, family, 'sourceNatTree', { ...branch, reason: 'source addresses of some of the subnets' }),
    ),
    chain(own, family, 'sourceNat', {
      rules,
      from: [{ chain: 'POSTROUTING' }],
      reason: 'masquerade through the uplinks, localhost and hairpin',
    }),
  ]
}

/** Networks whose members, using a published port of their own segment, would be answered without the host. */
function hairpins(topology: Topology, family: Family): string[] {
  const subnets = topology.subnets.flatMap(({ networks }) => networks)
  const withoutSubnet = topology.veths
    .filter(({ subnet, ends }) => subnet === null && ends.some(({ namespace }) => namespace === 'host'))
    .flatMap(({ ends }) => ends.filter(({ namespace }) => namespace !== 'host'))
    .flatMap(({ addresses }) => addresses.map(text => formatCidr(networkOf(cidr(text)))))
  return [...new Set([...subnets, ...withoutSubnet])].filter(network => familyOf(network) === family)
}

/** A namespace that uses its own published port by another of its ends would get a packet from its own address. */
function ownPairs(topology: Topology, family: Family): [string, string][] {
  const toHost = topology.veths.filter(({ ends }) => ends.some(({ namespace }) => namespace === 'host'))
  const inside = toHost.flatMap(({ ends }) => ends.filter(({ namespace }) => namespace !== 'host'))
  const byNamespace = groupBy(inside, ({ namespace }) => namespace)
  return topology.namespaces.flatMap(({ name }) => {
    const ends = (byNamespace.get(name) ?? []).map(({ addresses }) =>
      addresses.filter(text => familyOf(text) === family).map(addressOf),
    )
    return ends.flatMap((sources, i) =>
      ends.flatMap((destinations, j) =>
        i === j
          ? []
          : sources.flatMap(source =>
              destinations.map((destination): [string, string] => [source, destination]),
            ),
      ),
    )
  })
}

function masquerades(topology: Topology, subnet: Subnet, family: Family): Placed<string>[] {
  if (!subnet.masquerade.includes(family)) return []
  const uplinks = topology.uplinks.filter(uplink => subnet.uplinks.includes(uplink))
  return subnet.networks
    .filter(network => familyOf(network) === family)
    .flatMap(network =>
      uplinks.map(uplink => ({ key: network, rule: rule({ source: network, out: uplink }, 'MASQUERADE') })),
    )
}
