import { type Family, familyOf } from '../model/address.ts'
import type { Subnet, Topology } from '../model/topology.ts'
import { chain, type WantedChain } from './chain.ts'
import { LOOPBACK_NETWORK, rule, state, toGroup } from './match.ts'

/** Source addresses: what leaves for the outside, and what would be answered past the host. */
export function sourceNat(topology: Topology, family: Family): WantedChain[] {
  const own = topology.name
  const networks = topology.subnets.flatMap(subnet =>
    subnet.networks.filter(network => familyOf(network) === family).map(network => ({ subnet, network })),
  )
  const rules = [
    ...(family === 'ipv4'
      ? [rule({ source: LOOPBACK_NETWORK.ipv4, modules: [toGroup(own), state('DNAT')] }, 'MASQUERADE')]
      : []),
    ...networks.map(({ network }) =>
      rule({ source: network, destination: network, modules: [toGroup(own), state('DNAT')] }, 'MASQUERADE'),
    ),
    ...networks.flatMap(({ subnet, network }) =>
      masqueraded(topology, subnet, family).map(uplink =>
        rule({ source: network, out: uplink }, 'MASQUERADE'),
      ),
    ),
  ]
  return [
    chain(
      own,
      family,
      'nat',
      'POST',
      rules,
      [{ from: 'POSTROUTING' }],
      'masquerade through the uplinks, localhost and hairpin',
    ),
  ]
}

function masqueraded(topology: Topology, subnet: Subnet, family: Family): string[] {
  return subnet.masquerade.includes(family)
    ? topology.uplinks.filter(uplink => subnet.uplinks.includes(uplink))
    : []
}
