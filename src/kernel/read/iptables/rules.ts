import type { Family } from '../../../model/address.ts'
import { iptablesOf } from '../../../model/host/iptables.ts'
import type { Chain, NativeRule, Table, UnreadableTable, Variant } from '../../../model/host/snapshot.ts'
import { unknownRule } from '../../../model/host/unreadable.ts'
import { settled } from '../../process/lanes.ts'
import { CommandFailed, type Run } from '../../process/run.ts'
import { GarbledOutput } from '../json.ts'
import { type NftTable, type NftTableChain, namedRules, readRuleTexts } from './native-ruleset.ts'
import { parseListed, parseSave } from './save-text.ts'

/** The rules of one variant and family; of what iptables does not print as it is, that it is not known. */
export interface Rules {
  tables: Table[]
  unreadable: UnreadableTable[]
  native: NativeRule[]
}

/** Where to read, and with what: every table, or those named by `-t`. */
export interface Source {
  variant: Variant
  family: Family
  /** Absent: all. */
  tables?: string[]
  /** iptables' own tables as nft tells them; null where there is no nft to ask. Not asked for `legacy`. */
  nft: readonly NftTable[] | null
}

/** `iptables-nft-save`; the tools are called by the names of their variants, whatever `iptables` stands for. */
export function saveTool({ family, variant }: Pick<Source, 'family' | 'variant'>): string {
  return `${iptablesOf(family)}-${variant}-save`
}

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

/** It cannot parse a rule; of some it dies. */
function isGivenUp(error: unknown): error is CommandFailed {
  return (
    error instanceof CommandFailed &&
    (error.exitCode === 3 || /ended by SIG(SEGV|ABRT|BUS)/.test(error.message))
  )
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

/** Rules as printed, as far as they were printed and are what they are printed as. */
function merged({ rules }: NftTableChain, printed: string[], texts: ReadonlyMap<number, string>): string[] {
  return rules.map(({ fidelity, handle, jump }, i) => {
    const text = fidelity === 'faithful' ? printed[i] : undefined
    return text ?? unknownRule(texts.get(handle) ?? `handle ${handle}`, jump)
  })
}

/** A table that iptables-save does not print: its chains as nft tells them, with the rules that iptables still lists. */
async function rebuilt(run: Run, source: Source, told: NftTable, why: string, rules: Rules): Promise<Table> {
  const { variant, family } = source
  const { table } = told
  const asked = new Set(toList(told))
  const [texts, ...listed] = await settled([
    readRuleTexts(run, told),
    ...told.chains.map(chain =>
      asked.has(chain.name) ? list(run, source, table, chain) : { whole: true, rules: [] },
    ),
  ])
  const failed = new Set(told.chains.filter((_, i) => !listed[i]?.whole).map(({ name }) => name))
  const named = (fidelity: 'none' | 'another') =>
    namedRules(told, texts, (rule, chain) => failed.has(chain) && rule.fidelity === fidelity)
  const worst = named('none')
  const culprits = worst.length > 0 ? worst : named('another')
  const handles = new Set(culprits.map(({ handle }) => handle))
  rules.unreadable.push({ variant, family, table, why, culprits })
  rules.native.push(
    ...namedRules(told, texts, ({ fidelity, handle }) => fidelity !== 'faithful' && !handles.has(handle)),
  )
  return {
    name: table,
    chains: told.chains.map((chain, i): Chain => {
      const { name, policy } = chain
      return { name, policy, rules: merged(chain, listed[i]?.rules ?? [], texts) }
    }),
  }
}

/** Each is a process. */
const MOST_LISTED = 200

/** Built-in chains and nsctl's own first. */
function toList({ chains }: NftTable): string[] {
  const isFirst = ({ name, policy }: NftTableChain) => policy !== null || name.startsWith('NSCTL-')
  return [...chains.filter(isFirst), ...chains.filter(one => !isFirst(one))]
    .map(({ name }) => name)
    .slice(0, MOST_LISTED)
}

/** iptables refuses a chain with a rule that it cannot print; what comes before such a rule it may have printed. */
async function list(run: Run, { family, variant }: Source, table: string, { name, rules }: NftTableChain) {
  try {
    const tool = `${iptablesOf(family)}-${variant}`
    const { stdout, exitCode } = await run(tool, ['-t', table, '-S', name], { accept: [1, 3] })
    const listed = parseListed(stdout, name)
    const whole = exitCode === 0 && listed.length === rules.length
    return { whole, rules: whole || exitCode === 3 ? listed : [] }
  } catch (error) {
    if (isGivenUp(error)) return { whole: false, rules: [] }
    throw error
  }
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
