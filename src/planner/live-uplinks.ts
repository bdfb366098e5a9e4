import { parseRules, type Rule } from '../firewall/codec/rule.ts'
import { selectorOf } from '../firewall/codec/selector.ts'
import { ownChain } from '../firewall/roles.ts'
import { cidr, contains, type Family } from '../model/address.ts'
import type { Snapshot } from '../model/host/snapshot.ts'

/** The interfaces that a network of a topology may leave through, as the topology's live rules have it. */
export function liveUplinks(
  { firewall }: Snapshot,
  topology: string,
  { family, network }: { family: Family; network: string },
): string[] {
  const filter = firewall[family].find(({ name }) => name === 'filter')
  const rules = (filter?.chains ?? [])
    .filter(({ name }) => {
      const own = ownChain(name)
      return own?.topology === topology && (own.role === 'forwarding' || own.role === 'forwardingTree')
    })
    .flatMap(chain => parseRules(chain.rules))
  const barred = rules.flatMap(rule => (target(rule) === 'DROP' && isFrom(rule, network) ? outOf(rule) : []))
  const allowed = rules.flatMap(rule => {
    const { source, destination } = selectorOf(rule)
    return target(rule) === 'ACCEPT' && !source && !destination && !selectorOf(rule).in ? outOf(rule) : []
  })
  return [...new Set(allowed)].filter(uplink => !barred.includes(uplink))
}

function target(rule: Rule): string | undefined {
  return rule.target?.name
}

function isFrom(rule: Rule, network: string): boolean {
  const source = selectorOf(rule).source?.is
  return source !== undefined && contains(cidr(source), cidr(network))
}

function outOf(rule: Rule): string[] {
  const out = selectorOf(rule).out?.is
  return out === undefined ? [] : [out]
}
