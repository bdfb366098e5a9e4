import type { Table } from '../../../model/host/snapshot.ts'
import { unknownRule } from '../../../model/host/unreadable.ts'
import { settled } from '../../process/lanes.ts'
import type { CommandFailed, Run } from '../../process/run.ts'
import { GarbledOutput } from '../json.ts'
import { type NftTable, type NftTableChain, namedRules, readRuleTexts } from './native-ruleset.ts'
import { parseSave } from './save-text.ts'
import { isGivenUp, merged, type Rules, type Source, saveTool } from './source.ts'
import { rebuilt } from './unprinted-table.ts'

/** Thrown where two readers do not tell the same: somebody has changed the rules in between, or one of them is wrong. */
export class Disagreeing extends GarbledOutput {}

/**
 * Reads rules by iptables-save, and proves by nft that it has printed all of them as they are. Throws CommandFailed, and
 * GarbledOutput for output that is not all of it.
 */
export async function readRules(run: Run, source: Source): Promise<Rules> {
  const { variant, family } = source
  const { tables, incompatible } = await save(run, source)
  if (variant === 'legacy') return { tables, unreadable: [], native: [] }
  if (source.nft === null) {
    const unreadable = [...incompatible].map(([table, why]) => ({
      variant,
      family,
      table,
      why,
      culprits: [],
      jumps: [],
    }))
    return {
      tables: [...tables, ...unreadable.map(({ table }) => unknownTable(table))],
      unreadable,
      native: [],
    }
  }
  const rules: Rules = { tables: [], unreadable: [], native: [] }
  const known = new Map(source.nft.filter(one => one.family === family).map(one => [one.table, one]))
  for (const table of tables) {
    const told = known.get(table.name)
    rules.tables.push(told ? await compared(run, table, told, rules) : table)
  }
  const printed = new Set(tables.map(({ name }) => name))
  for (const told of known.values()) {
    if (printed.has(told.table)) continue
    const why = incompatible.get(told.table) ?? (isEmpty(told) ? null : `${saveTool(source)} left it out`)
    if (why !== null) rules.tables.push(await rebuilt(run, source, told, why, rules))
  }
  return rules
}

interface Saved {
  tables: Table[]
  /** What was said of those that could not be printed. */
  incompatible: Map<string, string>
}

/** A rule that iptables-nft does not know ends it; then each table is asked for by itself. */
async function save(run: Run, source: Source): Promise<Saved> {
  const { tables } = source
  if (tables !== undefined) return joined(await settled(tables.map(table => saveTable(run, source, table))))
  try {
    return await saveBy(run, source, [])
  } catch (error) {
    if (source.variant === 'legacy' || !isGivenUp(error)) throw error
    return joined(await settled(TABLES.map(table => saveTable(run, source, table))))
  }
}

const TABLES = ['raw', 'mangle', 'nat', 'filter', 'security']

async function saveTable(run: Run, source: Source, table: string): Promise<Saved> {
  try {
    return await saveBy(run, source, ['-t', table])
  } catch (error) {
    if (source.variant === 'legacy' || !isGivenUp(error)) throw error
    return { tables: [], incompatible: new Map([[table, firstLine(error)]]) }
  }
}

async function saveBy(run: Run, source: Source, args: string[]): Promise<Saved> {
  const tool = saveTool(source)
  const { stdout } = await run(tool, args)
  return parseSave([tool, ...args].join(' '), stdout)
}

function joined(all: Saved[]): Saved {
  return {
    tables: all.flatMap(({ tables }) => tables),
    incompatible: new Map(all.flatMap(({ incompatible }) => [...incompatible])),
  }
}

function firstLine({ stderr, message }: CommandFailed): string {
  return (stderr.trim() || message).split('\n', 1)[0] ?? ''
}

/** A table that was printed, with the rules that iptables prints as others marked as not known. */
async function compared(run: Run, table: Table, told: NftTable, { native }: Rules): Promise<Table> {
  const missing = told.chains.find(({ name, rules }) => rulesIn(table, name) !== rules.length)
  const [odd] = table.chains.filter(
    ({ name, rules }) => rules.length > 0 && !told.chains.some(chain => chain.name === name),
  )
  const chain = missing?.name ?? odd?.name
  if (chain !== undefined) {
    throw new Disagreeing(
      'iptables-save and nft',
      `do not show the same rules in the chain ${chain} of the table ${table.name}: one of them has not printed all, or they change all the time`,
    )
  }
  if (told.chains.every(isFaithful)) return table
  const texts = await readRuleTexts(run, told)
  native.push(...namedRules(told, texts, ({ fidelity }) => fidelity !== 'faithful'))
  return {
    name: table.name,
    chains: table.chains.map(one => {
      const source = told.chains.find(({ name }) => name === one.name)
      return source ? { ...one, rules: merged(source, one.rules, texts) } : one
    }),
  }
}

/** -1 where there is no such chain. */
function rulesIn({ chains }: Table, name: string): number {
  return chains.find(chain => chain.name === name)?.rules.length ?? -1
}

function isFaithful({ rules }: NftTableChain): boolean {
  return rules.every(({ fidelity }) => fidelity === 'faithful')
}

function isEmpty({ chains }: NftTable): boolean {
  return chains.every(({ policy, rules }) => rules.length === 0 && policy !== 'DROP')
}

/** Where nobody can tell: each of its built-in chains may do anything. */
function unknownTable(name: string): Table {
  const rules = [unknownRule('unreadable without nft', '-j NFT')]
  return { name, chains: (BUILT_IN[name] ?? []).map(chain => ({ name: chain, policy: 'ACCEPT', rules })) }
}

const BUILT_IN: Record<string, string[]> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
}
