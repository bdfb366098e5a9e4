import { type NftElement, parseElements } from './expression.ts'
import { fieldsOf, type JsonFields, numberIn, textIn } from './json-fields.ts'
import type { NftBase, NftChain, NftRule, NftTable } from './ruleset.ts'
import { type NamedLimits, parseStatement } from './statement.ts'
import type { NftText } from './text.ts'

/**
 * The tables in what `nft -j list ruleset`, or `list table`, prints; null where that is not what it prints. The text form
 * adds what the JSON of some versions leaves out: devices of a chain, flags of a table, and each rule as people write it.
 */
export function parseTables(json: unknown, text: NftText): NftTable[] | null {
  const list = fieldsOf(json)?.nftables
  if (!Array.isArray(list)) return null
  const objects = list.flatMap(one => Object.entries(fieldsOf(one) ?? {}))
  // Each answer begins with it.
  if (!objects.some(([kind]) => kind === 'metainfo')) return null
  const of = (kinds: string[]) =>
    objects.flatMap(([kind, content]) => {
      const fields = kinds.includes(kind) ? fieldsOf(content) : null
      return fields ? [{ kind, fields }] : []
    })
  const rules = groupedBy(of(['rule']), ({ fields }) => chainKey(fields, 'chain'))
  const chains = groupedBy(of(['chain']), ({ fields }) => tableKey(fields, 'table'))
  const sets = groupedBy(of(['set', 'map']), ({ fields }) => tableKey(fields, 'table'))
  const limits = groupedBy(of(['limit', 'quota']), ({ fields }) => tableKey(fields, 'table'))
  return of(['table']).map(({ fields }) => {
    const key = tableKey(fields, 'name')
    const named = namedLimits(limits.get(key) ?? [])
    const printed = text.get(key)
    return {
      ...{ family: textIn(fields, 'family') ?? '', name: textIn(fields, 'name') ?? '' },
      ...(isDormant(fields) || printed?.dormant ? { dormant: true as const } : {}),
      chains: (chains.get(key) ?? []).map(({ fields: chain }) => {
        const base = baseOf(chain, printed?.devices.get(textIn(chain, 'name') ?? ''))
        return {
          name: textIn(chain, 'name') ?? '',
          ...(base ? { base } : {}),
          rules: (rules.get(chainKey(chain, 'name')) ?? []).map(({ fields: rule }) =>
            ruleOf(rule, printed?.rules ?? new Map(), named),
          ),
        } satisfies NftChain
      }),
      sets: (sets.get(key) ?? []).map(({ kind, fields: set }) => ({
        ...{ name: textIn(set, 'name') ?? '', kind: kind === 'map' ? ('map' as const) : ('set' as const) },
        ...(Array.isArray(set.elem) ? { elements: parseElements(set.elem) } : {}),
      })),
    }
  })
}

/** The elements of the only set or map that `nft -j list set` prints; null where it prints none. */
export function parseSet(json: unknown): NftElement[] | null {
  const list = fieldsOf(json)?.nftables
  if (!Array.isArray(list)) return null
  for (const one of list) {
    const { set, map } = fieldsOf(one) ?? {}
    const found = fieldsOf(set ?? map)
    if (found) return Array.isArray(found.elem) ? parseElements(found.elem) : []
  }
  return null
}

function ruleOf(fields: JsonFields, texts: ReadonlyMap<number, string>, limits: NamedLimits): NftRule {
  const handle = numberIn(fields, 'handle') ?? 0
  const comment = textIn(fields, 'comment')
  const expressions = Array.isArray(fields.expr) ? fields.expr : []
  return {
    handle,
    text: texts.get(handle) ?? JSON.stringify(expressions),
    ...(comment === null ? {} : { comment }),
    statements: expressions.flatMap(one => parseStatement(one, limits)),
  }
}

function baseOf(chain: JsonFields, printed: string[] | undefined): NftBase | null {
  const hook = textIn(chain, 'hook')
  if (hook === null) return null
  const type = textIn(chain, 'type')
  const dev = [chain.dev].flat().filter(one => typeof one === 'string')
  const devices = printed ?? (dev.length > 0 ? dev : undefined)
  return {
    type: type === 'nat' || type === 'route' ? type : 'filter',
    hook,
    priority: numberIn(chain, 'prio') ?? 0,
    policy: textIn(chain, 'policy') === 'drop' ? 'drop' : 'accept',
    ...(devices ? { devices } : {}),
  }
}

/** Some versions print the table's name in its place. */
function isDormant({ flags, name }: JsonFields): boolean {
  return name !== 'dormant' && [flags].flat().includes('dormant')
}

function namedLimits(limits: { kind: string; fields: JsonFields }[]): NamedLimits {
  return new Map(
    limits.map(({ kind, fields }) => {
      const used = numberIn(fields, 'used') ?? 0
      const beyond = kind === 'quota' && used > (numberIn(fields, 'bytes') ?? Number.POSITIVE_INFINITY)
      // A quota that is used up turns round which packets its rules are for.
      const over = (fields.inv === true) !== beyond
      return [`${kind} ${textIn(fields, 'name')}`, over ? 'over' : 'within']
    }),
  )
}

function groupedBy<T>(list: T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of list) {
    const key = keyOf(one)
    const group = groups.get(key)
    if (group) group.push(one)
    else groups.set(key, [one])
  }
  return groups
}

function tableKey(fields: JsonFields, name: 'name' | 'table'): string {
  return `${textIn(fields, 'family')} ${textIn(fields, name)}`
}

function chainKey(fields: JsonFields, name: 'name' | 'chain'): string {
  return `${tableKey(fields, 'table')} ${textIn(fields, name)}`
}
