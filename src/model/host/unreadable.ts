import type { Family } from '../address.ts'
import { iptablesOf } from './iptables.ts'
import type { NativeRule, UnreadableTable } from './snapshot.ts'

/** As nft calls it: `ip filter`. */
export function nftTable({ family, table }: { family: Family; table: string }): string {
  return `${nftFamily(family)} ${table}`
}

export function nftFamily(family: Family): 'ip' | 'ip6' {
  return family === 'ipv4' ? 'ip' : 'ip6'
}

/** The rule in one line, with where it is and whose. */
export function describeNative({ chain, text, owner }: NativeRule): string {
  return `rule in ${chain}: ${text}${owner === null ? '' : ` (likely ${owner})`}`
}

export function deleteNative(rule: NativeRule): string {
  return `nft delete rule ${nftTable(rule)} ${rule.chain} handle ${rule.handle}`
}

/** In one line, for those who can do nothing but wait. */
export function describeUnreadable(unreadable: UnreadableTable): string {
  const { culprits } = unreadable
  const [first, ...more] = culprits
  const rest = more.length > 0 ? `, and ${more.length} more` : ''
  return `${summaryOfUnreadable(unreadable)}${first ? `: ${describeNative(first)}${rest}` : ''}`
}

function summaryOfUnreadable({ variant, family, table }: UnreadableTable): string {
  return `${iptablesOf(family)}-${variant} cannot print the table ${table}`
}

/**
 * What stands in a chain for a rule that iptables does not print: a match and a target that nobody knows, so that whoever
 * evaluates it cannot tell.
 *
 * @param jump `-j ACCEPT` or `-g CHAIN`, where the rule does that and nothing else
 */
export function unknownRule(text: string, jump: string | null): string {
  return `-m nft --rule "${text.replace(/["\\']/g, '\\$&')}"${jump === null ? '' : ` ${jump}`}`
}
