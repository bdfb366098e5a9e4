import { interfaceMatches } from '../../firewall/read-rule.ts'
import { FAMILIES, type Family } from '../../model/address.ts'
import { forwardPolicy } from '../../model/iptables.ts'
import { chainOwner } from '../../model/ownership.ts'
import type { Snapshot } from '../../model/snapshot.ts'

/** A rule that somebody else has put into iptables, as far as it is understood. */
export interface ForeignRule {
  family: Family
  table: string
  chain: string
  /** As iptables-save prints it, without `-A CHAIN `. */
  text: string
  in?: string
  out?: string
  source?: string
  destination?: string
  protocol?: string
  /** `6000`, or `6000:6010`. */
  ports?: string
  /** States of connections it is for; absent: all. */
  states?: string[]
  target: string
  /** Where it leads: `192.168.0.2:8080`. */
  to?: string
  /** Whether it says more than that. */
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
              texts.map(text => ({ family, table, chain, text, ...understood(text) })),
            ),
        ),
      ),
    )
    .filter(({ target }) => chainOwner(target) === null)
}

type Understood = Omit<ForeignRule, 'family' | 'table' | 'chain' | 'text'>

/** Words that change nothing of what is read from a rule. */
const HARMLESS = [
  / -m (tcp|udp|sctp|comment|conntrack|state|addrtype)(?= )/g,
  / --comment ("([^"\\]|\\.)*"|\S+)/g,
  / --dst-type LOCAL(?= )/g,
]

/** Takes out what it knows; whatever is left makes the rule unclear. */
function understood(text: string): Understood {
  let rest = ` ${text} `
  const take = (pattern: RegExp): string | undefined => {
    const match = pattern.exec(rest)
    if (!match) return undefined
    rest = `${rest.slice(0, match.index)} ${rest.slice(match.index + match[0].length)}`
    return match[1]
  }
  for (const words of HARMLESS) rest = rest.replace(words, ' ')
  const states = take(/ --(?:ct)?state (\S+)/)?.split(',')
  const found = {
    in: take(/ -i (\S+)/),
    out: take(/ -o (\S+)/),
    source: take(/ -s (\S+)/),
    destination: take(/ -d (\S+)/),
    protocol: take(/ -p (\S+)/),
    ports: take(/ --dport (\d+(?::\d+)?)(?= )/),
    states,
    to: take(/ --to-destination (\S+)/),
  }
  const target = take(/ -j (\S+)/) ?? ''
  const known = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
  return { ...known, target, unclear: rest.trim() !== '' || target === '' }
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
