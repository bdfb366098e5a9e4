import type { Family } from '../model/address.ts'
import { KERNEL_MTU } from '../model/host/rtnetlink.ts'
import type { Topology } from '../model/topology.ts'
import { chain, type WantedChain } from './chain.ts'
import { fromGroup, module, rule, target } from './match.ts'

/**
 * Where packets of a subnet may be larger than an uplink takes, TCP is told the size of the path: discovering it alone
 * fails where ICMP is filtered. Both directions: the answer to a SYN leaves through the uplink too.
 */
export function mssClamp(topology: Topology, family: Family, mtus: Map<string, number>): WantedChain[] {
  const largest = Math.max(
    ...topology.subnets.map(({ mtu }) => mtu ?? KERNEL_MTU),
    ...topology.veths.flatMap(({ ends }) => ends.map(({ mtu }) => mtu ?? KERNEL_MTU)),
  )
  const narrow = topology.uplinks.filter(uplink => (mtus.get(uplink) ?? KERNEL_MTU) < largest)
  if (narrow.length === 0) return []
  const rules = narrow.map(uplink =>
    rule(
      {
        out: uplink,
        protocol: 'tcp',
        modules: [module('tcp', '--tcp-flags', 'SYN,RST', 'SYN'), fromGroup(topology.name)],
      },
      target('TCPMSS', ['--clamp-mss-to-pmtu']),
    ),
  )
  return [
    chain(topology.name, family, 'segmentSize', {
      rules,
      from: [{ chain: 'FORWARD' }],
      reason: 'TCP segments fit an uplink with a smaller MTU',
    }),
  ]
}
