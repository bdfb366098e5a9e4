import type { Topology } from '../model/topology.ts'
import { rule } from './match.ts'

/** With br_netfilter loaded, packets within one segment come through here too: they are none of ours to judge. */
export function withinBridges(topology: Topology, target: 'RETURN' | 'ACCEPT'): string[] {
  return topology.subnets.flatMap(({ bridge }) =>
    bridge === null ? [] : [rule({ in: bridge, out: bridge }, target)],
  )
}
