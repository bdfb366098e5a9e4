import type { Family } from '../model/address.ts'
import type { Topology } from '../model/topology.ts'
import { chain, type WantedChain } from './chain.ts'
import { fromGroup, rule, state } from './match.ts'

/** Services of the host, closed to the subnets that say so; published ports never come this way, they are forwarded. */
export function hostAccess(topology: Topology, family: Family): WantedChain[] {
  const closed = topology.subnets.filter(({ hostAccess }) => !hostAccess)
  const interfaces = closed.flatMap(subnet => interfacesOf(topology, subnet.name, subnet.bridge))
  if (interfaces.length === 0) return []
  const rules = [
    rule({ modules: [state('RELATED,ESTABLISHED')] }, 'RETURN'),
    rule({ protocol: family === 'ipv4' ? 'icmp' : 'ipv6-icmp' }, 'RETURN'),
    ...interfaces.map(name => rule({ in: name }, 'DROP')),
  ]
  return [
    chain(topology.name, family, 'hostAccess', {
      rules,
      from: [{ chain: 'INPUT', match: fromGroup(topology.name) }],
      reason: 'services of the host are closed to some subnets',
    }),
  ]
}

function interfacesOf(topology: Topology, subnet: string, bridge: string | null): string[] {
  if (bridge !== null) return [bridge]
  return topology.veths
    .filter(veth => veth.subnet === subnet)
    .flatMap(({ ends }) => ends)
    .filter(({ namespace }) => namespace === 'host')
    .map(end => end.interface)
}
