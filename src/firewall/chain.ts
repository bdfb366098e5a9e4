import type { Family } from '../model/address.ts'
import { markOf } from '../model/ownership.ts'
import { type Option, optionValue, type Rule } from './codec/rule.ts'
import { comment, target } from './match.ts'
import { type JumpPosition, nameOfChain, ROLES, type RoleName, type TableName } from './roles.ts'

/** A jump from a built-in chain to one of ours. */
interface Jump {
  from: string
  place: JumpPosition
  rule: Rule
}

/** One of the topology's chains as it should stand. */
export interface WantedChain {
  family: Family
  table: TableName
  name: string
  rules: Rule[]
  jumps: Jump[]
  /** What it does, for the plan. */
  reason: string
}

interface Content {
  /** Of a tree: which part of it this is. */
  branch?: string
  rules: Rule[]
  /** The built-in chains that lead to it, and which of their packets; none for what others of ours lead to. */
  from?: { chain: string; match?: Option[] }[]
  reason: string
}

export function chain(
  topology: string,
  family: Family,
  role: RoleName,
  { branch, rules, from = [], reason }: Content,
): WantedChain {
  const { table, place } = ROLES[role]
  const name = nameOfChain(topology, role, branch)
  const jumps = from.map(({ chain: builtIn, match = [] }) => ({
    from: builtIn,
    place,
    rule: jump(topology, match, name),
  }))
  return { family, table, name, rules, jumps, reason }
}

/** Its whole comment is the mark. */
function jump(topology: string, match: Option[], chain: string): Rule {
  return { options: [...match, ...comment(markOf(topology))], target: target(chain) }
}

/** Whether a rule is a topology's jump to one of its chains, which is the chain's name, or null. */
export function jumpedTo(rule: Rule, topology: string): string | null {
  return optionValue(rule, '--comment') === markOf(topology) ? (rule.target?.name ?? null) : null
}
