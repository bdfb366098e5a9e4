import type { Topology } from '../model/topology.ts'
import type { Rule } from './codec/rule.ts'
import { rule } from './match.ts'

/** With br_netfilter loaded, packets within one segment come through here too: they are none of ours to judge. */
export function withinBridges(topology: Topology, target: 'RETURN' | 'ACCEPT'): Rule[] {
  return topology.subnets.flatMap(({ bridge }) =>
    bridge === null ? [] : [rule({ in: bridge, out: bridge }, target)],
  )
}

/** Segments without the host in them: it routes nothing of theirs, whoever takes its bridge for a gateway. */
export function bridgesWithoutHost(topology: Topology): string[] {
  return topology.subnets.flatMap(({ bridge, gateways }) =>
    bridge === null || gateways.length > 0 ? [] : [bridge],
  )
}
