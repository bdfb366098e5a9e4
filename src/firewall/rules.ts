import { FAMILIES, type Family, familyOf } from '../model/address.ts'
import type { Topology } from '../model/topology.ts'
import type { WantedChain } from './chain.ts'
import { type Fenced, fence, forwarding } from './forwarding.ts'
import { guards, sealed } from './guards.ts'
import { hostAccess } from './input.ts'
import { mssClamp } from './mss.ts'
import { sourceNat } from './nat.ts'
import { publishing } from './publishing.ts'
import { type ReplyMarks, replyMarks } from './replies.ts'

/** What of the host the rules depend on. */
export interface RuleFacts {
  ipv6: boolean
  /** What nsctl switches forwarding on for, and so fences. */
  fenced: Record<Family, Fenced>
  /** Families in which the administrator made the chain NSCTL-USER. */
  userChain: Family[]
  /** MTU of each uplink. */
  mtus: Map<string, number>
  /** Marks by which replies find their uplink again; null where there is no choice. */
  marks: ReplyMarks | null
}

/** Every chain of a topology. Their text depends only on the file and the host, never on how it got there. */
export function firewallChains(topology: Topology, facts: RuleFacts): WantedChain[] {
  if (!meetsHost(topology)) return []
  return FAMILIES.filter(family => family === 'ipv4' || facts.ipv6).flatMap(family =>
    hasFamily(topology, family)
      ? [
          ...guards(topology, family),
          ...mssClamp(topology, family, facts.mtus),
          ...replyMarks(topology, family, facts.marks),
          ...sourceNat(topology, family),
          ...publishing(topology, family),
          ...forwarding(topology, family, facts.userChain.includes(family)),
          ...hostAccess(topology, family),
          ...fence(topology, family, facts.fenced[family]),
        ]
      : sealed(topology, family),
  )
}

function meetsHost({ subnets, veths }: Topology): boolean {
  return (
    subnets.some(({ bridge }) => bridge !== null) ||
    veths.some(({ ends }) => ends.some(({ namespace }) => namespace === 'host'))
  )
}

function hasFamily({ subnets, veths }: Topology, family: Family): boolean {
  const addresses = veths.flatMap(({ ends }) => ends.flatMap(end => end.addresses))
  const networks = subnets.filter(({ bridge }) => bridge !== null).flatMap(subnet => subnet.networks)
  return [...addresses, ...networks].some(text => familyOf(text) === family)
}
