import { cidr, type Family, familyOf, usableAddresses } from '../../model/address.ts'
import type { Subnet, Topology } from '../../model/topology.ts'

/** A network of a topology as the host sees it: what comes from there, and by which interface. */
export interface Inside {
  subnet: Subnet
  family: Family
  network: string
  /** An address of the network that is not the host's. */
  address: string
  input: string
}

/** Of each subnet in which the host has an address. */
export function insidesOf(topology: Topology): Inside[] {
  return topology.subnets
    .filter(({ gateways }) => gateways.length > 0)
    .flatMap(subnet =>
      inputsOf(topology, subnet).flatMap(input =>
        subnet.networks.map(network => ({
          ...{ subnet, network, input },
          family: familyOf(network),
          address: somebodyIn(network, subnet.gateways),
        })),
      ),
    )
}

/** The bridge, or the host's ends of the subnet's pairs. */
function inputsOf({ veths }: Topology, { name, bridge }: Subnet): string[] {
  if (bridge !== null) return [bridge]
  return veths
    .filter(({ subnet }) => subnet === name)
    .flatMap(({ ends }) => ends.filter(({ namespace }) => namespace === 'host'))
    .map(end => end.interface)
}

function somebodyIn(network: string, gateways: string[]): string {
  for (const address of usableAddresses(cidr(network))) if (!gateways.includes(address)) return address
  return network.replace(/\/.*/, '')
}
