import { addressOf, cidr, type Family, familyOf, formatAddress } from '../model/address.ts'
import type { Allow, AllowPeer, PortRange, Topology } from '../model/topology.ts'
import type { Rule } from './codec/rule.ts'
import { fromGroup, rule } from './match.ts'

/**
 * The direct paths that the file opens, as narrow as it says: with the interfaces they come in by, or a neighbour could
 * forge a source address that is allowed.
 */
export function allowRules(topology: Topology, family: Family, target: 'RETURN' | 'ACCEPT'): Rule[] {
  return topology.allows.flatMap(allow => {
    const destinations = networksOf(topology, allow.to, family)
    const origins = originsOf(topology, allow.from, family)
    return origins.flatMap(origin =>
      destinations.flatMap(destination =>
        servicesOf(allow, family).map(service =>
          rule(
            {
              ...origin,
              destination,
              ...service,
              modules: origin.in === undefined ? [fromGroup(topology.name)] : [],
            },
            target,
          ),
        ),
      ),
    )
  })
}

interface Origin {
  source?: string
  in?: string
}

function originsOf(topology: Topology, from: AllowPeer, family: Family): Origin[] {
  if (from.kind === 'outside') return topology.uplinks.map(uplink => ({ in: uplink }))
  return networksOf(topology, from, family).map(source => ({ source }))
}

/** A subnet is its network, a namespace each address it has. */
function networksOf(topology: Topology, peer: AllowPeer, family: Family): string[] {
  if (peer.kind === 'outside') return []
  const texts =
    peer.kind === 'subnet'
      ? topology.subnets.filter(({ name }) => name === peer.name).flatMap(({ networks }) => networks)
      : topology.veths
          .flatMap(({ ends }) => ends)
          .filter(({ namespace }) => namespace === peer.name)
          .flatMap(({ addresses }) => addresses.map(text => formatAddress(cidr(addressOf(text)))))
  return texts.filter(text => familyOf(text) === family)
}

interface Service {
  protocol?: string
  ports?: PortRange
}

function servicesOf({ protocols, ports }: Allow, family: Family): Service[] {
  if (ALL.every(protocol => protocols.includes(protocol)) && ports.length === 0) return [{}]
  return protocols.flatMap((protocol): Service[] => {
    if (protocol === 'icmp') return [{ protocol: family === 'ipv4' ? 'icmp' : 'ipv6-icmp' }]
    return ports.length === 0 ? [{ protocol }] : ports.map(range => ({ protocol, ports: range }))
  })
}

const ALL = ['tcp', 'udp', 'sctp', 'icmp'] as const
