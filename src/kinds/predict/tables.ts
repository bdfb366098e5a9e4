import type { Family } from '../../model/address.ts'
import type { Chain, Snapshot, Table, Variant } from '../../model/host/snapshot.ts'

/** The table of a variant, made where there is none yet. */
export function tableIn(
  { firewall }: Snapshot,
  { family, variant, table: name }: { family: Family; variant: Variant; table: string },
): Table {
  const rules = firewall.variant === variant ? firewall : firewall.other
  const known = rules[family].find(table => table.name === name)
  if (known) return known
  const made: Table = { name, chains: [] }
  rules[family].push(made)
  return made
}

/** A built-in chain, which iptables shows once it is used. */
export function builtInChain(table: Table, name: string): Chain {
  const known = table.chains.find(chain => chain.name === name)
  if (known) return known
  const made: Chain = { name, policy: 'ACCEPT', rules: [] }
  table.chains.push(made)
  return made
}
