import type { Rule } from '../../firewall/codec/rule.ts'
import { selectorOf } from '../../firewall/codec/selector.ts'
import { translationOf } from '../../firewall/codec/translation.ts'
import { addressOf } from '../../model/address.ts'
import type { Source } from '../../model/diagnostic.ts'
import type { Topology } from '../../model/topology.ts'

/** The line of a topology's file that one of its rules comes from, or the topology's own where no part is closer. */
export function sourceOfRule(topology: Topology, rule: Rule): Source {
  const translation = translationOf(rule)
  if (translation !== null) {
    const { protocol, ports } = translation
    const forward = topology.forwards.find(
      ({ protocols, listenPorts }) =>
        protocols.some(one => one === protocol) &&
        listenPorts.first === ports.first &&
        listenPorts.last === ports.last,
    )
    if (forward) return forward.source
  }
  const source = selectorOf(rule).source?.is
  if (source === undefined) return topology.source
  const subnet = topology.subnets.find(({ networks }) => networks.includes(source))
  const end = topology.veths
    .flatMap(({ ends }) => ends)
    .find(({ addresses }) => addresses.some(one => addressOf(one) === addressOf(source)))
  return subnet?.source ?? end?.source ?? topology.source
}
