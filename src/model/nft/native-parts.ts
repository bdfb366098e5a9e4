import type { NftExpression } from './expression.ts'
import { isIptablesChain, isIptablesTable } from './iptables-own.ts'
import type { NftBase, NftChain, NftMisprint, NftRule, NftRuleset, NftTable } from './ruleset.ts'
import type { NftStatement } from './statement.ts'

/** Leaves out the chains and rules of iptables: its own tools print them. */
export function nativeParts(tables: NftTable[]): NftRuleset {
  return {
    tables: tables.flatMap(table => {
      const chains = isIptablesTable(table) ? besideIptables(table) : table.chains
      return chains.some(({ base }) => base) ? [{ ...table, chains }] : []
    }),
    misprints: tables.filter(isIptablesTable).flatMap(misprintsIn),
    made: tables.map(tableName),
  }
}

/** As nft says it: `ip filter`. */
export function tableName({ family, name }: Pick<NftTable, 'family' | 'name'>): string {
  return `${family} ${name}`
}

/** Native base chains in a table that iptables prints, with the chains that they lead to. */
function besideIptables(table: NftTable): NftChain[] {
  const native = table.chains.filter(({ name, base }) => base && !isIptablesChain(hooked(table, name, base)))
  if (native.length === 0) return []
  const reached = new Set(native.map(({ name }) => name))
  for (const name of reached) {
    const chain = table.chains.find(one => one.name === name)
    for (const target of chain ? targetsOf(chain) : []) reached.add(target)
  }
  // Where a map without its elements leads is not known.
  const mayReachAll = native.some(({ rules }) => rules.some(leadsByMap))
  return table.chains.filter(({ name, base }) => reached.has(name) || (mayReachAll && base === undefined))
}

function hooked({ family, name: table }: NftTable, name: string, { type, hook, priority }: NftBase) {
  return { family, table, name, type, hook, priority }
}

function targetsOf({ rules }: NftChain): string[] {
  return rules
    .flatMap(({ statements }) => statements)
    .flatMap(statement => {
      if ('verdict' in statement) return [statement.verdict]
      if (!('vmap' in statement)) return []
      const { data } = statement.vmap
      return typeof data === 'object' && 'set' in data ? data.set.flatMap(({ verdict }) => verdict ?? []) : []
    })
    .flatMap(verdict =>
      typeof verdict === 'string' ? [] : 'jump' in verdict ? [verdict.jump] : [verdict.goto],
    )
}

function leadsByMap({ statements }: NftRule): boolean {
  return statements.some(
    statement =>
      'vmap' in statement && typeof statement.vmap.data === 'object' && 'reference' in statement.vmap.data,
  )
}

function misprintsIn(table: NftTable): NftMisprint[] {
  const { family, name } = table
  return table.chains
    .filter(({ name, base }) => !base || isIptablesChain(hooked(table, name, base)))
    .flatMap(({ name: chain, rules }) =>
      // What comes behind such a rule in its chain is not printed either.
      (rules.every(({ statements }) => statements.every(isPrintedByIptables)) ? [] : rules).map(rule => ({
        ...{ family, table: name, chain, rule, sets: table.sets },
      })),
    )
}

/** Whether iptables-save prints it as what it is: true of what its own tools write. */
function isPrintedByIptables(statement: NftStatement): boolean {
  if ('verdict' in statement) return statement.verdict !== 'queue'
  if ('extension' in statement) return true
  if (!('match' in statement)) return false
  const { operator, left, right } = statement.match
  return (operator === '==' || operator === '!=') && isPrinted(left, right)
}

const PRINTED_META = ['iifname', 'oifname', 'l4proto', 'mark']
const PRINTED_FIELDS = ['saddr', 'daddr', 'protocol', 'sport', 'dport', 'flags']
const PRINTED_PROTOCOLS = ['ip', 'ip6', 'tcp', 'udp']

function isPrinted(left: NftExpression, right: NftExpression): boolean {
  if (typeof left !== 'object' || Array.isArray(left)) return false
  if ('operation' in left) {
    const [field, mask] = left.of
    const isFlags = Array.isArray(mask)
    return left.operation === '&' && isPrinted(field, 0) && (isFlags || isLiteral(mask)) && isMasked(right)
  }
  if ('meta' in left) return PRINTED_META.includes(left.meta) && isLiteral(right)
  if (!('payload' in left)) return false
  const { protocol, field } = left.payload
  const isPort = field === 'sport' || field === 'dport'
  const isRange = typeof right === 'object' && 'range' in right
  const isPrefix = typeof right === 'object' && 'prefix' in right
  return (
    PRINTED_PROTOCOLS.includes(protocol) &&
    PRINTED_FIELDS.includes(field) &&
    (isLiteral(right) || isPrefix || (isPort && isRange))
  )
}

function isLiteral(expression: NftExpression): boolean {
  return typeof expression === 'string' || typeof expression === 'number'
}

function isMasked(right: NftExpression): boolean {
  return isLiteral(right) || (Array.isArray(right) && right.every(isLiteral))
}
