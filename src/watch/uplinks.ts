import type { Topology } from '../model/topology.ts'

/**
 * With the word `default` replaced by the interfaces that it last stood for. A router that reboots takes the default
 * route along for a while: that is no reason to take a topology's way out apart, nor to stop mending it.
 */
export function withLastUplinks(topology: Topology, last: readonly string[]): Topology {
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
