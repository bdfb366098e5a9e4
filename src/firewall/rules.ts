import { FAMILIES, type Family, familyOf } from '../model/address.ts'
import type { Topology } from '../model/topology.ts'
import type { WantedChain } from './chain.ts'
import { fence, forwarding } from './forwarding.ts'
import { guards, sealed } from './guards.ts'
import { sourceNat } from './nat.ts'
import { publishing } from './publishing.ts'

/** What of the host the rules depend on. */
export interface RuleFacts {
  ipv6: boolean
  /** Uplinks, by family, whose forwarding nsctl switches on and so fences. */
  fenced: Record<Family, string[]>
  /** Families in which the administrator made the chain NSCTL-USER. */
  userChain: Family[]
}

/** Every chain of a topology. Their text depends only on the file and the host, never on how it got there. */
export function firewallChains(topology: Topology, facts: RuleFacts): WantedChain[] {
  if (!topology.veths.some(veth => veth.ends.some(end => end.namespace === 'host'))) return []
  return FAMILIES.filter(family => family === 'ipv4' || facts.ipv6).flatMap(family =>
    hasFamily(topology, family)
      ? [
          ...guards(topology, family),
          ...sourceNat(topology, family),
          ...publishing(topology, family),
          ...forwarding(topology, family, facts.userChain.includes(family)),
          ...fence(topology, family, facts.fenced[family]),
        ]
      : sealed(topology, family),
  )
}

function hasFamily(topology: Topology, family: Family): boolean {
  return topology.veths.some(veth =>
    veth.ends.some(end => end.addresses.some(address => familyOf(address) === family)),
  )
}
