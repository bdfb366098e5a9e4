import type { Family } from '../../model/address.ts'
import type { Snapshot, Variant } from '../../model/host/snapshot.ts'
import { builtInChain, tableIn } from './tables.ts'

interface ChainAttributes {
  family: Family
  variant: Variant
  table: string
  name: string
  rules: string[]
  jumps: { from: string; place: string; rule: string }[]
}

export function predictChain(
  snapshot: Snapshot,
  before: ChainAttributes | null,
  after: ChainAttributes | null,
): void {
  if (before !== null) {
    const table = tableIn(snapshot, before)
    for (const { from, rule } of before.jumps) {
      const chain = table.chains.find(({ name }) => name === from)
      if (chain) chain.rules = chain.rules.filter(text => text !== rule)
    }
    if (after === null) table.chains = table.chains.filter(({ name }) => name !== before.name)
  }
  if (after === null) return
  const table = tableIn(snapshot, after)
  const known = table.chains.find(({ name }) => name === after.name)
  if (known) known.rules = after.rules
  else table.chains.push({ name: after.name, policy: null, rules: after.rules })
  for (const { from, place, rule } of after.jumps) {
    const chain = builtInChain(table, from)
    chain.rules = place === 'first' ? [rule, ...chain.rules] : [...chain.rules, rule]
  }
}
