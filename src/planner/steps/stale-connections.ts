import { formatRule, parseRules, type Rule } from '../../firewall/codec/rule.ts'
import { audienceOf } from '../../firewall/roles.ts'
import { type ChainAttributes, chain } from '../../kinds/firewall/chain.ts'
import { changesOf } from '../../kinds/kind.ts'
import type { Family } from '../../model/address.ts'
import type { Operation } from '../../model/plan/plan.ts'
import type { Difference } from '../diff.ts'
import { type Flows, flowsBarredBy, flowsBy, flowsDeafTo } from './connections.ts'

interface Forgotten {
  operation: Operation
  change: string
}

/**
 * Connections that go by rules which are gone: the kernel keeps them, with the address it once translated them to, until
 * they end by themselves. Exactly those are forgotten, and for a new UDP port those that had found it closed.
 */
export function staleConnectionTasks(differences: Difference[]): Forgotten[] {
  const changes = changesOf(
    chain,
    differences.map(({ change }) => change),
  )
  const before = changes.flatMap(({ id, before }) => rulesOf(id, before))
  const after = changes.flatMap(({ id, after }) => rulesOf(id, after))
  // A rule that moves to another chain of a tree is neither gone nor new.
  const [was, is] = [new Set(before.map(keyOf)), new Set(after.map(keyOf))]
  const gone = before.filter(rule => !staysFor(rule, is))
  const added = after.filter(rule => !was.has(keyOf(rule)))
  return [
    ...gone.flatMap(rule => forget(rule, flowsBy(rule.rule))),
    ...added.flatMap(rule => forget(rule, [...flowsDeafTo(rule.rule), ...flowsBarredBy(rule.rule)])),
  ]
}

interface ChangedRule {
  change: string
  family: Family
  /** Whether packets from outside come by it: those that are restricted come another way than the namespaces'. */
  fromOutside: boolean
  text: string
  rule: Rule
}

function rulesOf(change: string, attributes: ChainAttributes | null): ChangedRule[] {
  if (attributes === null) return []
  const { family, name, rules: texts } = attributes
  const rules = parseRules(texts)
  const fromOutside = audienceOf(name, rules) !== 'inside'
  return rules.map((rule, i) => ({ change, family, fromOutside, text: texts[i] ?? '', rule }))
}

function keyOf({ text, family, fromOutside }: Omit<ChangedRule, 'change' | 'rule'>): string {
  return `${family} ${fromOutside ? 'outside' : 'inside'} ${text}`
}

/** Whether a rule stays for all that came by it: as it is, for everybody, or now without the restrictions it had. */
function staysFor(before: ChangedRule, after: Set<string>): boolean {
  const { rule, text, family, fromOutside } = before
  const texts = rule.target?.name === 'DNAT' ? [text, formatRule(unrestricted(rule))] : [text]
  return texts.some(
    as =>
      after.has(keyOf({ text: as, family, fromOutside: true })) ||
      (!fromOutside && after.has(keyOf({ text: as, family, fromOutside }))),
  )
}

function unrestricted(rule: Rule): Rule {
  return { ...rule, options: rule.options.filter(({ name }) => name !== '-s' && name !== '-i') }
}

function forget({ family, change }: ChangedRule, flows: Flows[]): Forgotten[] {
  return flows.map(one => ({
    operation: { stage: 'forget', command: { tool: 'conntrack', family, ...one } },
    change,
  }))
}
