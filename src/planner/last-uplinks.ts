import type { Snapshot } from '../model/host/snapshot.ts'
import type { Topology } from '../model/topology.ts'
import { defaultUplinks } from './default-uplinks.ts'

/**
 * The topology with `default` replaced by the interfaces that it last stood for, where the host has no default route at
 * the moment. A router that reboots takes the default route along for a while: that is no reason to delete a topology's
 * way out, nor to stop repairing it.
 */
export function withUplinksOf(last: readonly string[], topology: Topology, snapshot: Snapshot): Topology {
  if (last.length === 0 || defaultUplinks(snapshot, topology).length > 0) return topology
  const { default: _, ...sources } = topology.uplinkSources
  const filled = (uplinks: string[]) => [
    ...new Set(uplinks.flatMap(uplink => (uplink === 'default' ? last : [uplink]))),
  ]
  return {
    ...topology,
    uplinks: filled(topology.uplinks),
    uplinkSources: sources,
    subnets: topology.subnets.map(subnet => ({ ...subnet, uplinks: filled(subnet.uplinks) })),
    forwards: topology.forwards.map(forward => ({ ...forward, uplinks: filled(forward.uplinks) })),
  }
}
