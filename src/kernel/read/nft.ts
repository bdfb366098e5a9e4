import type { NftHook } from '../../model/host/network-stack.ts'
import type { Run } from '../process/run.ts'
import { findTool } from '../process/tools.ts'
import type { NftChain } from './firewall.ts'
import { parseJson } from './json.ts'

/** Base chains of nftables' tables that are not iptables' own; none where there is no nft to ask. */
export async function readNftHooks(run: Run): Promise<NftHook[]> {
  if (findTool('nft') === null) return []
  return parseNftRuleset((await run('nft', ['-j', 'list', 'ruleset'])).stdout)
}

interface NftRule {
  family: string
  table: string
  chain: string
  expr: Record<string, unknown>[]
}

/** Expressions that look, count and let pass; whatever is not among them may do anything. */
const HARMLESS = ['match', 'counter', 'log', 'accept', 'return', 'limit', 'quota', 'xt_comment']

/** From `nft -j list ruleset`: each base chain with the number of its rules, and whether any may stop a packet. */
export function parseNftRuleset(text: string): NftHook[] {
  const { nftables = [] } = parseJson('nft -j list ruleset', text) as {
    nftables?: { chain?: NftChain; rule?: NftRule }[]
  }
  const rules = nftables.flatMap(({ rule }) => (rule ? [rule] : []))
  const rulesOf = (family: string, table: string, chain: string) =>
    rules.filter(rule => rule.family === family && rule.table === table && rule.chain === chain)
  const isHarmless = (family: string, table: string, chain: string, seen: string[]): boolean =>
    rulesOf(family, table, chain).every(({ expr }) =>
      expr.every(one =>
        Object.entries(one).every(([name, value]) => {
          if (HARMLESS.includes(name)) return true
          const target = (value as { target?: string } | null)?.target
          if (!['jump', 'goto'].includes(name) || target === undefined || seen.includes(target)) return false
          return isHarmless(family, table, target, [...seen, target])
        }),
      ),
    )
  return nftables.flatMap(({ chain }) => {
    if (chain?.hook === undefined || isIptablesTable(chain)) return []
    const { family, table, name, hook, policy = 'accept' } = chain
    return [
      {
        ...{ family, table, chain: name, hook, policy },
        rules: rulesOf(family, table, name).length,
        harmless: policy === 'accept' && isHarmless(family, table, name, [name]),
      },
    ]
  })
}

function isIptablesTable({ family, table }: NftChain): boolean {
  return /^ip6?$/.test(family) && /^(raw|mangle|nat|filter|security)$/.test(table)
}
