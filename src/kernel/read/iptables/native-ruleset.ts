import { FAMILIES, type Family } from '../../../model/address.ts'
import { makerOfRule } from '../../../model/host/neighbours.ts'
import type { NativeRule } from '../../../model/host/snapshot.ts'
import { nftFamily, nftTable } from '../../../model/host/unreadable.ts'
import { isIptablesChain } from '../../../model/nft/iptables-own.ts'
import type { Run } from '../../process/run.ts'
import { GarbledOutput, parseJson } from '../json.ts'
import { type Expression, type Fidelity, fidelityOf, isObject, jumpOf } from './native-expressions.ts'

/** A table of iptables as nft tells it. */
export interface NftTable {
  family: Family
  table: string
  chains: NftTableChain[]
}

export interface NftTableChain {
  name: string
  /** `ACCEPT` or `DROP` of a base chain; null for another. */
  policy: string | null
  rules: NftTableRule[]
  isNative?: true
}

export interface NftTableRule {
  handle: number
  fidelity: Fidelity
  /** `-j DROP`, `-g CHAIN`; null: packets go on. */
  jump: string | null
  /** Whether it has the comment that iptables writes, whose text nft does not tell. */
  isCommented: boolean
}

const COMMAND = 'nft -j -t list ruleset'
const IPTABLES_OWN = ['raw', 'mangle', 'nat', 'filter', 'security']

/** The tables of iptables in what `nft -j -t list ruleset` prints. Throws GarbledOutput for anything else. */
export function parseIptablesTables(text: string): NftTable[] {
  const document = parseJson(COMMAND, text)
  const objects = isObject(document) ? document.nftables : undefined
  if (!Array.isArray(objects) || !isObject(objects[0]?.metainfo))
    throw new GarbledOutput(COMMAND, 'printed something else than a ruleset')
  const tables = FAMILIES.flatMap(family =>
    IPTABLES_OWN.map((table): NftTable => ({ family, table, chains: [] })),
  )
  const tableOf = ({ family, table }: Record<string, unknown>) =>
    tables.find(one => nftFamily(one.family) === family && one.table === table)
  const present = new Set<NftTable>()
  for (const { table, chain, rule } of objects) {
    if (isObject(table)) {
      const found = tableOf({ family: table.family, table: table.name })
      if (found) present.add(found)
    } else if (isObject(chain)) {
      tableOf(chain)?.chains.push({
        ...{ name: String(chain.name), policy: policyOf(chain), rules: [] },
        ...(isNativeBase(chain) ? { isNative: true } : {}),
      })
    } else if (isObject(rule)) {
      const found = tableOf(rule)
      if (found) ruleIn(found, rule)
    }
  }
  return tables
    .filter(one => present.has(one))
    .map(one => ({ ...one, chains: one.chains.filter(({ isNative }) => isNative !== true) }))
}

/** A base chain that others have put into the table: iptables-save says that there are such, and prints the rest. */
function isNativeBase({ family, table, name, type, hook, prio }: Record<string, unknown>): boolean {
  if (hook === undefined) return false
  const place = { family: String(family), table: String(table), name: String(name) }
  return !isIptablesChain({ ...place, type: String(type), hook: String(hook), priority: Number(prio) })
}

function policyOf({ hook, policy }: Record<string, unknown>): string | null {
  if (hook === undefined) return null
  return policy === 'drop' ? 'DROP' : 'ACCEPT'
}

function ruleIn({ chains, family, table }: NftTable, rule: Record<string, unknown>): void {
  const chain = chains.find(({ name }) => name === rule.chain)
  if (chain === undefined || typeof rule.handle !== 'number' || !Array.isArray(rule.expr)) {
    const place = nftTable({ family, table })
    throw new GarbledOutput(
      COMMAND,
      `printed a rule of the table ${place} that is none, or whose chain is missing`,
    )
  }
  const expressions = rule.expr as Expression[]
  chain.rules.push({
    handle: rule.handle,
    fidelity: fidelityOf(expressions),
    jump: jumpOf(expressions),
    isCommented: expressions.some(isComment),
  })
}

function isComment({ xt }: Expression): boolean {
  return isObject(xt) && xt.type === 'match' && xt.name === 'comment'
}

/** The rules of a table as nft prints them, by handle. */
export async function readRuleTexts(run: Run, table: NftTable): Promise<Map<number, string>> {
  const args = ['-a', '-s', '-t', 'list', 'table', nftFamily(table.family), table.table]
  const { stdout } = await run('nft', args)
  return parseRuleTexts(stdout)
}

/** A set in a rule may take several lines; the last of them ends with the rule's handle. */
export function parseRuleTexts(text: string): Map<number, string> {
  const texts = new Map<number, string>()
  let parts: string[] = []
  for (const line of text.split('\n')) {
    const [, last, handle] = /^(.*?) # handle (\d+)$/.exec(line) ?? []
    const isRule = line.startsWith('\t\t')
    if (!isRule || line.endsWith(';')) parts = []
    else if (handle === undefined) parts.push(line.trim())
    else {
      texts.set(Number(handle), shortened([...parts, (last ?? '').trim()].join(' ')))
      parts = []
    }
  }
  return texts
}

const LONGEST = 240

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

/** The rules of a table that are to be named, with their text and likely owner. */
export function namedRules(
  { family, table, chains }: NftTable,
  texts: ReadonlyMap<number, string>,
  isMeant: (rule: NftTableRule, chain: string) => boolean,
): NativeRule[] {
  return chains.flatMap(({ name: chain, rules }) =>
    rules
      .filter(rule => isMeant(rule, chain))
      .map(({ handle }) => {
        const text = texts.get(handle) ?? `handle ${handle}`
        return { family, table, chain, handle, text, owner: makerOfRule(chain, text) }
      }),
  )
}
