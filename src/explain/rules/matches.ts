import { hasOption, type Option, type Rule } from '../../firewall/codec/rule.ts'
import { interfaceMatches, matchesByOptions } from '../../firewall/codec/selector.ts'
import {
  addressMatches,
  anyOf,
  flagsMatch,
  groupMatches,
  icmpMatches,
  maskedEquals,
  portMatches,
  protocolMatches,
  rangeMatches,
  type Sight,
  type Truth,
  words,
} from './conditions.ts'

/** What a rule as a whole says of a packet, and the options that cannot be evaluated where it hangs on them. */
export function ruleMatches(rule: Rule, sight: Sight): { truth: Truth; unknown: Option[] } {
  const unknown: Option[] = []
  for (const option of rule.options) {
    const truth = optionMatches(option, rule, sight)
    const turned = truth === null ? null : truth !== option.negated
    if (turned === false) return { truth: false, unknown: [] }
    if (turned === null) unknown.push(option)
  }
  return { truth: unknown.length === 0 ? true : null, unknown }
}

/** Of most modules the options are judged, one by one; of one that is not known, nothing can be said. */
function moduleMatches(option: Option, rule: Rule, sight: Sight): Truth {
  if (option.module === 'rpfilter') {
    const same = reversePath(sight, rule)
    return same === null ? null : same !== hasOption(rule, '--invert')
  }
  return matchesByOptions(option.module) ? true : null
}

type Evaluate = (option: Option, sight: Sight, rule: Rule) => Truth

function optionMatches(option: Option, rule: Rule, sight: Sight): Truth {
  if (option.name === '-m') return moduleMatches(option, rule, sight)
  const evaluate = EVALUATORS[`${option.module} ${option.name}`.trim()]
  return evaluate === undefined ? null : evaluate(option, sight, rule)
}

const first = ({ values }: Option) => values[0] ?? ''

const sourcePort: Evaluate = (option, { packet }) => portMatches(first(option), packet.tuple.sourcePort)
const destinationPort: Evaluate = (option, { packet }) =>
  portMatches(first(option), packet.tuple.destinationPort)
const states: Evaluate = (option, sight) => words(option).some(state => sight.states.has(state))
/** What only modifies another option of its module. */
const modifier: Evaluate = ({ negated }) => !negated

const EVALUATORS: Record<string, Evaluate> = {
  '-s': (option, { packet }) => addressMatches(first(option), packet.tuple.source),
  '-d': (option, { packet }) => addressMatches(first(option), packet.tuple.destination),
  '-i': (option, { input }) => input !== null && interfaceMatches(first(option), input),
  '-o': (option, { output }) => output !== null && interfaceMatches(first(option), output),
  '-p': (option, { packet }) => protocolMatches(first(option), packet),
  // What explain sends is never in fragments.
  '-f': () => false,
  'comment --comment': modifier,
  ...Object.fromEntries(
    ['tcp', 'udp', 'sctp', 'dccp', 'udplite'].flatMap(protocol => [
      [`${protocol} --sport`, sourcePort],
      [`${protocol} --dport`, destinationPort],
    ]),
  ),
  'tcp --tcp-flags': ({ values }, { packet }) =>
    packet.protocol === 'tcp' && flagsMatch(values, packet.reply),
  'tcp --syn': (_, { packet }) => packet.protocol === 'tcp' && !packet.reply,
  'icmp --icmp-type': (option, { packet }) => icmpMatches(first(option), 'ipv4', packet.reply),
  'icmp6 --icmpv6-type': (option, { packet }) => icmpMatches(first(option), 'ipv6', packet.reply),
  'multiport --sports': (option, { packet: { tuple } }) =>
    anyOf(words(option).map(range => portMatches(range, tuple.sourcePort))),
  'multiport --dports': (option, { packet: { tuple } }) =>
    anyOf(words(option).map(range => portMatches(range, tuple.destinationPort))),
  'multiport --ports': (option, { packet: { tuple } }) =>
    anyOf(
      words(option).flatMap(range => [
        portMatches(range, tuple.sourcePort),
        portMatches(range, tuple.destinationPort),
      ]),
    ),
  'conntrack --ctstate': states,
  'state --state': states,
  'conntrack --ctdir': (option, { direction, original }) => original !== null && first(option) === direction,
  'conntrack --ctproto': (option, { packet }) => protocolMatches(first(option), packet),
  'conntrack --ctorigsrc': (option, { original }) =>
    original !== null && addressMatches(first(option), original.source),
  'conntrack --ctorigdst': (option, { original }) =>
    original !== null && addressMatches(first(option), original.destination),
  'conntrack --ctorigdstport': (option, { original }) =>
    original !== null && portMatches(first(option), original.destinationPort),
  'mark --mark': (option, { packet }) => maskedEquals(first(option), packet.mark),
  'connmark --mark': (option, { connectionMark }) => maskedEquals(first(option), connectionMark),
  'devgroup --src-group': (option, { input, groupOf }) => groupMatches(first(option), groupOf(input)),
  'devgroup --dst-group': (option, { output, groupOf }) => groupMatches(first(option), groupOf(output)),
  'addrtype --src-type': (option, { packet, typeOf }, rule) =>
    hasOption(rule, '--limit-iface-in') ? null : typeIn(option, typeOf(packet.tuple.source)),
  'addrtype --dst-type': (option, { packet, typeOf }, rule) =>
    hasOption(rule, '--limit-iface-in') ? null : typeIn(option, typeOf(packet.tuple.destination)),
  'addrtype --limit-iface-in': modifier,
  'addrtype --limit-iface-out': () => null,
  'iprange --src-range': (option, { packet }) => rangeMatches(first(option), packet.tuple.source),
  'iprange --dst-range': (option, { packet }) => rangeMatches(first(option), packet.tuple.destination),
  'pkttype --pkt-type': option => first(option) === 'unicast',
  'rpfilter --invert': ({ negated }) => !negated,
  'rpfilter --loose': modifier,
  'rpfilter --accept-local': modifier,
  'rpfilter --validmark': modifier,
  // Only packets that this place sent itself have an owner.
  'owner --uid-owner': (_, sight) => ownerKnown(sight),
  'owner --gid-owner': (_, sight) => ownerKnown(sight),
  'owner --socket-exists': (_, sight) => ownerKnown(sight),
  // A packet that is routed has no bridge port but the one it came in by, and that only with br_netfilter.
  'physdev --physdev-is-bridged': (_, { bridged }) => bridged,
  'physdev --physdev-is-out': (_, { bridged }) => bridged,
  'physdev --physdev-is-in': (_, { bridged }) => (bridged ? true : null),
}

function ownerKnown({ input }: Sight): Truth {
  return input === null ? null : false
}

function typeIn(option: Option, type: string | null): Truth {
  return type === null ? null : words(option).includes(type)
}

/** The lookup back to the source comes out where the packet came in; on the loopback it always does. */
function reversePath({ back, input, packet }: Sight, rule: Rule): Truth {
  if (input === 'lo') return true
  if (back === null || back.kind === 'unknown' || hasOption(rule, '--validmark')) return null
  if (back.kind === 'refused') return false
  if (back.kind === 'local') return hasOption(rule, '--accept-local') && packet.family === 'ipv4'
  return hasOption(rule, '--loose') || back.dev === input
}
