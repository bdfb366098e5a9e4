import type { NftHook } from '../../model/host/network-stack.ts'
import { nativeParts } from '../../model/nft/native-parts.ts'
import { parseTables } from '../../model/nft/parse.ts'
import { type NftRuleset, NO_NFT } from '../../model/nft/ruleset.ts'
import { parseText } from '../../model/nft/text.ts'
import type { Run } from '../process/run.ts'
import { findTool } from '../process/tools.ts'
import { GarbledOutput, parseJson } from './json.ts'

/**
 * The rules of one network namespace that iptables' tools do not print as they are. Sets come without their elements,
 * of which there may be hundreds of thousands. None where there is no nft to ask.
 */
export async function readNft(run: Run): Promise<NftRuleset> {
  if (findTool('nft') === null) return NO_NFT
  const json = parseJson('nft -j -t list ruleset', (await run('nft', ['-j', '-t', 'list', 'ruleset'])).stdout)
  const found = nativeParts(tablesIn(json, new Map()))
  if (found.tables.length === 0 && found.misprints.length === 0) return NO_NFT
  const text = parseText((await run('nft', ['-a', '-s', '-t', 'list', 'ruleset'])).stdout)
  if (text === null) throw new GarbledOutput('nft -a -s -t list ruleset', 'printed a table without its end')
  return nativeParts(tablesIn(json, text))
}

function tablesIn(json: unknown, text: NonNullable<ReturnType<typeof parseText>>) {
  const tables = parseTables(json, text)
  if (tables === null) throw new GarbledOutput('nft -j -t list ruleset', 'printed no ruleset')
  return tables
}

/** Base chains of nftables' tables that are not iptables' own; none where there is no nft to ask. */
export async function readNftHooks(run: Run): Promise<NftHook[]> {
  if (findTool('nft') === null) return []
  return parseNftRuleset((await run('nft', ['-j', 'list', 'ruleset'])).stdout)
}

/** As `nft -j` prints it. */
export interface NftChain {
  family: string
  table: string
  name: string
  hook?: string
  policy?: string
  type?: string
  prio?: number
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
