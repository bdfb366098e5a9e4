import type { ChainAttributes } from '../../kinds/chain.ts'
import type { PolicyAttributes } from '../../kinds/policy.ts'
import type { Family } from '../../model/address.ts'
import type { Snapshot, Table, Variant } from '../../model/snapshot.ts'

export function foretellChain(
  snapshot: Snapshot,
  before: ChainAttributes | null,
  after: ChainAttributes | null,
): void {
  if (before !== null) {
    const table = tableOf(snapshot, before)
    for (const { from, rule } of before.jumps) {
      const chain = table.chains.find(({ name }) => name === from)
      if (chain) chain.rules = chain.rules.filter(text => text !== rule)
    }
    if (after === null) table.chains = table.chains.filter(({ name }) => name !== before.name)
  }
  if (after === null) return
  const table = tableOf(snapshot, after)
  const known = table.chains.find(({ name }) => name === after.name)
  if (known) known.rules = after.rules
  else table.chains.push({ name: after.name, policy: null, rules: after.rules })
  for (const { from, place, rule } of after.jumps) {
    const chain = builtIn(table, from)
    if (place === 'first') chain.rules.unshift(rule)
    else chain.rules.push(rule)
  }
}

export function foretellPolicy(
  snapshot: Snapshot,
  _before: PolicyAttributes | null,
  after: PolicyAttributes | null,
): void {
  if (after !== null)
    builtIn(tableOf(snapshot, { ...after, table: 'filter' }), 'FORWARD').policy = after.value
}

/** The table of a variant, made where there is none yet. */
function tableOf(
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

function builtIn(table: Table, name: string) {
  const known = table.chains.find(chain => chain.name === name)
  if (known) return known
  const made = { name, policy: 'ACCEPT', rules: [] }
  table.chains.push(made)
  return made
}
