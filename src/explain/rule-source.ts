import { readRule } from '../firewall/read-rule.ts'
import { addressOf } from '../model/address.ts'
import type { Source } from '../model/diagnostic.ts'
import type { Topology } from '../model/topology.ts'

/** The line of a topology's file that one of its rules comes from, or the topology's own where no part is closer. */
export function sourceOfRule(topology: Topology, rule: string): Source {
  const { protocol, port, source, target } = readRule(rule)
  if (target?.kind === 'DNAT' && port !== undefined) {
    const forward = topology.forwards.find(
      ({ protocols, listenPorts }) =>
        protocols.some(one => one === protocol) &&
        listenPorts.first === port[0] &&
        listenPorts.last === port[1],
    )
    if (forward) return forward.source
  }
  const subnet = topology.subnets.find(({ networks }) => source !== undefined && networks.includes(source))
  const end = topology.veths
    .flatMap(({ ends }) => ends)
    .find(({ addresses }) =>
      addresses.some(one => source !== undefined && addressOf(one) === addressOf(source)),
    )
  return subnet?.source ?? end?.source ?? topology.source
}
