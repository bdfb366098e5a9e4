import type { Family } from '../address.ts'
import type { Ruleset } from './network-stack.ts'
import type { Chain, Firewall, Table } from './snapshot.ts'

/** Without its variant and what it does: `iptables`, `ip6tables`. */
export function iptablesOf(family: Family): string {
  return family === 'ipv4' ? 'iptables' : 'ip6tables'
}

/** Every table of both variants and both families: all of them are in force. */
export function tablesOf({ ipv4, ipv6, other }: Firewall): Table[] {
  return [...ipv4, ...ipv6, ...other.ipv4, ...other.ipv6]
}

/** FORWARD of the table filter, where there is such a table yet. */
export function forwardChain(tables: Table[]): Chain | undefined {
  const filter = tables.find(({ name }) => name === 'filter')
  return filter?.chains.find(({ name }) => name === 'FORWARD')
}

/** ACCEPT where there is no such table yet. */
export function forwardPolicy(tables: Table[]): string {
  return forwardChain(tables)?.policy ?? 'ACCEPT'
}

/** What a packet of the host meets: that of the variant in use, and that of the other. */
export function rulesetsOf(firewall: Firewall): Ruleset[] {
  return [firewall, firewall.other].map(({ variant, ipv4, ipv6 }) => ({ variant, ipv4, ipv6 }))
}
