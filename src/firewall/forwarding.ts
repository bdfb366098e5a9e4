import { type Family, familyOf } from '../model/address.ts'
import type { Topology } from '../model/topology.ts'
import { allowRules } from './allow.ts'
import { withinBridges } from './bridges.ts'
import { chain, type WantedChain } from './chain.ts'
import { fromGroup, module, not, optionsOf, rule, state, toGroup } from './match.ts'
import { networkTree, type Placed } from './tree.ts'

/** The administrator's own chain, asked first where it exists; never ours to edit. */
export const USER_CHAIN = 'NSCTL-USER'

/**
 * The kernel takes the middle of a TCP connection it has forgotten for a new one: where nothing translates addresses, a
 * packet sent again the other way would bring back to life what was cut when it was not allowed any more.
 */
const NO_SYN = not(module('tcp', '--tcp-flags', 'FIN,SYN,RST,ACK', 'SYN'))

/** What may be forwarded: out through the uplinks, replies, published ports; the rest of ours is dropped. */
export function forwarding(topology: Topology, family: Family, hasUserChain: boolean): WantedChain[] {
  const own = topology.name
  const allowed = allowRules(topology, family, 'ACCEPT')
  const barred = networkTree(own, 'forwardingTree', [
    ...withoutBeginning(topology, family),
    ...barredUplinks(topology, family),
  ])
  const rules = [
    ...(hasUserChain ? [rule({}, USER_CHAIN)] : []),
    ...withinBridges(topology, 'ACCEPT'),
    rule({ modules: [fromGroup(own), state('INVALID')] }, 'DROP'),
    rule({ modules: [fromGroup(own), state('RELATED,ESTABLISHED')] }, 'ACCEPT'),
    rule({ modules: [toGroup(own), state('RELATED,ESTABLISHED,DNAT')] }, 'ACCEPT'),
    ...(allowed.length > 0 ? [rule({ protocol: 'tcp', modules: [NO_SYN, toGroup(own)] }, 'DROP')] : []),
    ...allowed,
    ...barred.root,
    // `-o` on every accept: a broad one would let our namespaces into what others protect.
    ...topology.uplinks.map(uplink => rule({ out: uplink, modules: [fromGroup(own)] }, 'ACCEPT')),
    // Another manager's published port: its own rules decide.
    rule({ modules: [fromGroup(own), state('DNAT')] }, 'RETURN'),
    rule({ modules: [fromGroup(own)] }, 'DROP'),
    rule({ modules: [toGroup(own)] }, 'DROP'),
  ]
  return [
    ...barred.branches.map(branch =>
      chain(own, family, 'forwardingTree', {
        ...branch,
        reason: 'uplinks that some of the subnets may not use',
      }),
    ),
    chain(own, family, 'forwarding', {
      rules,
      from: [{ chain: 'FORWARD' }],
      reason: 'what may leave, and what may come in',
    }),
  ]
}

/** The uplinks whose forwarding nsctl switches on, or `all`: where the kernel only knows the whole host. */
export type Fenced = string[] | 'all'

/**
 * Switching forwarding on for an uplink must not turn the host into a router for its neighbours: behind everybody
 * else's rules, what nobody accepted is dropped.
 */
export function fence(topology: Topology, family: Family, fenced: Fenced): WantedChain[] {
  if (fenced.length === 0) return []
  const uplinks = fenced === 'all' ? [{}] : fenced.map(uplink => ({ in: uplink }))
  return [
    chain(topology.name, family, 'fence', {
      rules: [rule({}, 'DROP')],
      from: uplinks.map(match => ({ chain: 'FORWARD', match: optionsOf(match) })),
      reason: 'forwarding on does not make the host a router for its neighbours',
    }),
  ]
}

function withoutBeginning(topology: Topology, family: Family): Placed<string>[] {
  return topology.subnets
    .filter(({ masquerade, uplinks }) => !masquerade.includes(family) && uplinks.length > 0)
    .flatMap(({ networks }) => networks.filter(network => familyOf(network) === family))
    .map(network => ({
      key: network,
      rule: rule({ source: network, protocol: 'tcp', modules: [NO_SYN] }, 'DROP'),
    }))
}

function barredUplinks(topology: Topology, family: Family): Placed<string>[] {
  return topology.subnets.flatMap(subnet => {
    const barred = topology.uplinks.filter(uplink => !subnet.uplinks.includes(uplink))
    const networks = subnet.networks.filter(network => familyOf(network) === family)
    return networks.flatMap(network =>
      barred.map(uplink => ({ key: network, rule: rule({ source: network, out: uplink }, 'DROP') })),
    )
  })
}
