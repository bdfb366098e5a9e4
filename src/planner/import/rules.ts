import { type Endpoint, parseEndpoint } from '../../firewall/codec/endpoint.ts'
import { formatRule, type Option, optionValue, parseRules, type Rule } from '../../firewall/codec/rule.ts'
import { interfaceMatches, isExact, selectorOf } from '../../firewall/codec/selector.ts'
import { FAMILIES, type Family } from '../../model/address.ts'
import { forwardPolicy } from '../../model/host/iptables.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import { chainOwner } from '../../model/ownership.ts'
import type { PortRange } from '../../model/topology.ts'

/** A rule that somebody else has put into iptables, as far as it is understood. */
export interface ForeignRule {
  family: Family
  table: string
  chain: string
  /** As iptables-save prints it, without `-A CHAIN `. */
  text: string
  in: string | undefined
  out: string | undefined
  source: string | undefined
  destination: string | undefined
  protocol: string | undefined
  ports: PortRange | undefined
  /** States of connections it is for; undefined: all. */
  states: string[] | undefined
  target: string
  /** Where it leads: `192.168.0.2:8080`. */
  to: Endpoint | null
  /** Whether it says more than that, or by what packets must not have. */
  unclear: boolean
}

/** Rules of built-in chains; those that lead to nsctl's own are none. In the order in which packets meet them. */
export function foreignRules({ firewall }: Snapshot): ForeignRule[] {
  return [firewall, firewall.other]
    .flatMap(rules =>
      FAMILIES.flatMap(family =>
        rules[family].flatMap(({ name: table, chains }) =>
          chains
            .filter(({ policy }) => policy !== null)
            .flatMap(({ name: chain, rules: texts }) =>
              parseRules(texts).map(rule => ({ family, table, chain, ...understood(rule) })),
            ),
        ),
      ),
    )
    .filter(({ target }) => chainOwner(target) === null)
}

type Understood = Omit<ForeignRule, 'family' | 'table' | 'chain'>

function understood(rule: Rule): Understood {
  const selector = selectorOf(rule)
  const { target } = rule
  const [ports, ...morePorts] = selector.ports?.is ?? []
  const to = target && optionValue(target, '--to-destination')
  const isPlain = target !== null && !target.goto && target.options.length === (to === null ? 0 : 1)
  return {
    text: formatRule(rule),
    in: selector.in?.is,
    out: selector.out?.is,
    source: selector.source?.is,
    destination: selector.destination?.is,
    protocol: selector.protocol?.is,
    ports,
    states: selector.states?.is,
    target: target?.name ?? '',
    to: to === null ? null : parseEndpoint(to),
    unclear: !isExact(selector, isToHost) || morePorts.length > 0 || !isPlain,
  }
}

/** Published ports are for the host's own addresses anyway. */
function isToHost({ name, negated, values }: Option): boolean {
  return name === '--dst-type' && !negated && values[0] === 'LOCAL'
}

/** Whether a rule is about an interface; one without says so of all. */
export function meansInterface(pattern: string | undefined, name: string): boolean {
  return pattern === undefined || interfaceMatches(pattern, name)
}

/**
 * Whether the host lets a new connection through from one interface to another; null where a rule that is not understood
 * may decide it.
 */
export function isLetThrough(
  snapshot: Snapshot,
  rules: readonly ForeignRule[],
  family: Family,
  from: string,
  to: string,
): boolean | null {
  const { host, firewall } = snapshot
  if (host.sysctls[`net/${family}/conf/${from}/forwarding`] !== '1') return false
  const own = rules.filter(
    rule =>
      rule.family === family &&
      rule.table === 'filter' &&
      rule.chain === 'FORWARD' &&
      meansInterface(rule.in, from) &&
      meansInterface(rule.out, to),
  )
  for (const { target, unclear, source, destination, protocol, states } of own) {
    if (states && !states.includes('NEW')) continue
    const whole = !unclear && [source, destination, protocol].every(part => part === undefined)
    if (!whole || !['ACCEPT', 'DROP', 'REJECT'].includes(target)) return null
    return target === 'ACCEPT'
  }
  return [firewall, firewall.other].every(one => forwardPolicy(one[family]) !== 'DROP')
}
