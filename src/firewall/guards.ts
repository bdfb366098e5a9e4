import { FAMILY_NAMES, type Family } from '../model/address.ts'
import type { Topology } from '../model/topology.ts'
import { allowRules } from './allow.ts'
import { bridgesWithoutHost, withinBridges } from './bridges.ts'
import { chain, type WantedChain } from './chain.ts'
import type { Rule } from './codec/rule.ts'
import { fromGroup, LOOPBACK_NETWORK, module, not, rule, state, TO_HOST, toGroup } from './match.ts'

/**
 * What must never pass, whatever rules others have: matched by link group, so an interface is guarded from the instant
 * it exists. In raw and mangle a DROP is final, in whatever order others leave FORWARD.
 */
export function guards(topology: Topology, family: Family): WantedChain[] {
  const own = topology.name
  return [
    chain(own, family, 'antiSpoofing', {
      rules: [
        rule({ destination: LOOPBACK_NETWORK[family], modules: [fromGroup(own)] }, 'DROP'),
        // The host has no route back into them: to rpfilter all they say to each other is forged.
        ...bridgesWithoutHost(topology).map(bridge =>
          rule({ in: bridge, modules: [not(TO_HOST)] }, 'RETURN'),
        ),
        ...forgedSources(own, family),
      ],
      from: [{ chain: 'PREROUTING' }],
      reason: "forged sources, and the host's loopback, are dropped",
    }),
    chain(own, family, 'isolation', {
      rules: [
        ...withinBridges(topology, 'RETURN'),
        ...bridgesWithoutHost(topology).map(bridge => rule({ in: bridge }, 'DROP')),
        ...allowRules(topology, family, 'RETURN'),
        rule({ modules: [toGroup(own), not(state('RELATED,ESTABLISHED,DNAT'))] }, 'DROP'),
      ],
      from: [{ chain: 'FORWARD' }],
      reason: 'nothing reaches a namespace but replies and published ports',
    }),
  ]
}

/** A family that no subnet has: nothing of it passes, in either direction. */
export function sealed(topology: Topology, family: Family): WantedChain[] {
  const own = topology.name
  const rules = [rule({ modules: [fromGroup(own)] }, 'DROP'), rule({ modules: [toGroup(own)] }, 'DROP')]
  return [
    chain(own, family, 'isolation', {
      rules,
      from: [{ chain: 'FORWARD' }],
      reason: `no subnet has ${FAMILY_NAMES[family]}: none of it is forwarded`,
    }),
  ]
}

/**
 * The kernel's own rp_filter is the maximum of all and the interface, and IPv6 has none. IPv6 packets before an address
 * is settled come from `::`, and neighbour discovery from link-local addresses.
 */
function forgedSources(own: string, family: Family): Rule[] {
  const passes =
    family === 'ipv6'
      ? [
          rule({ source: 'fe80::/10', modules: [fromGroup(own)] }, 'RETURN'),
          rule({ source: '::/128', modules: [fromGroup(own)] }, 'RETURN'),
        ]
      : []
  return [...passes, rule({ modules: [fromGroup(own), module('rpfilter', '--invert')] }, 'DROP')]
}
