import { type NftExpression, parseExpression } from './expression.ts'
import { fieldsOf, type JsonFields, textIn } from './json-fields.ts'
import { type NftVerdict, parseVerdict } from './verdict.ts'

/** One part of a rule, asked or done in order. What neither stops nor changes a packet is left out of a rule. */
export type NftStatement =
  | { match: { operator: NftOperator; left: NftExpression; right: NftExpression } }
  | { verdict: NftVerdict }
  | { vmap: { key: NftExpression; data: NftExpression } }
  /** `family`: what it answers with, which only packets of that family get. */
  | { reject: string; family?: 'ip' | 'ip6' }
  | { nat: NftTranslation }
  | { mark: { of: 'meta' | 'ct'; value: NftExpression } }
  | { notrack: true }
  /** A rate, a quota or a number of connections: whether the rule is for packets within it, or beyond. */
  | { limit: 'within' | 'over' }
  /** What iptables' own extensions ask or do, which nft does not print. */
  | { extension: { type: string; name: string } }
  /** May do anything. */
  | { unknown: string }

/** `in`: any of the flags. */
export type NftOperator = '==' | '!=' | '<' | '>' | '<=' | '>=' | 'in' | '!'

export interface NftTranslation {
  kind: 'dnat' | 'snat' | 'masquerade' | 'redirect'
  /** Of packets of one family only. */
  family?: 'ip' | 'ip6'
  address?: NftExpression
  port?: NftExpression
  /** Exchanges the network part of an address, and keeps the rest. */
  netmap?: true
}

/** Limits and quotas with a name, by kind and name: whether rules that use them are for what is beyond them. */
export type NamedLimits = ReadonlyMap<string, 'within' | 'over'>

/** Null for what has no influence on where a packet goes. */
export function parseStatement(json: unknown, limits: NamedLimits): NftStatement[] {
  const verdict = parseVerdict(json)
  if (verdict !== null) return verdict === 'continue' ? [] : [{ verdict }]
  const [name, content] = Object.entries(fieldsOf(json) ?? {})[0] ?? []
  if (name !== undefined && PASSING.has(name)) return []
  const fields = fieldsOf(content) ?? {}
  const parsed = name === undefined ? null : (PARSERS[name]?.(fields, content, limits) ?? null)
  return parsed ?? [{ unknown: JSON.stringify(json) }]
}

/** Statements that let the packet go on and change nothing that matters to where it goes. */
const PASSING = new Set([
  ...['counter', 'log', 'last', 'flow', 'ct helper', 'ct timeout', 'ct expectation', 'secmark', 'reset'],
  // A copy goes elsewhere; the packet stays.
  'dup',
  // The handshake is done for the server, which has it in the end.
  'synproxy',
])

type Parse = (fields: JsonFields, content: unknown, limits: NamedLimits) => NftStatement[] | null

const OPERATORS = ['==', '!=', '<', '>', '<=', '>=', 'in', '!'] as const

const PARSERS: Record<string, Parse | undefined> = {
  match: ({ op, left, right }) => {
    const operator = OPERATORS.find(one => one === op)
    if (operator === undefined) return null
    return [{ match: { operator, left: parseExpression(left), right: parseExpression(right) } }]
  },
  vmap: ({ key, data }) => [{ vmap: { key: parseExpression(key), data: parseExpression(data) } }],
  reject: fields => {
    const type = textIn(fields, 'type')
    const family = type === 'icmp' ? 'ip' : type === 'icmpv6' ? 'ip6' : null
    return [{ reject: textIn(fields, 'expr') ?? type ?? '', ...(family ? { family } : {}) }]
  },
  mangle: ({ key, value }) => mangled(fieldsOf(key) ?? {}, value),
  notrack: () => [{ notrack: true }],
  limit: limitOf('limit'),
  quota: limitOf('quota'),
  'ct count': limitOf('ct count'),
  // Adds the packet to a set; what the rule asks of each element is asked of the packet's.
  set: (fields, _, limits) => statementsIn(fields.stmt, limits),
  map: (fields, _, limits) => statementsIn(fields.stmt, limits),
  meter: (fields, _, limits) => statementsIn(fields.stmt, limits),
  dnat: translation('dnat'),
  snat: translation('snat'),
  masquerade: translation('masquerade'),
  redirect: translation('redirect'),
  xt: fields => {
    const [type, name] = [textIn(fields, 'type') ?? '', textIn(fields, 'name') ?? '']
    return name === 'comment' ? [] : [{ extension: { type, name } }]
  },
}

function statementsIn(json: unknown, limits: NamedLimits): NftStatement[] {
  const list = json === undefined ? [] : Array.isArray(json) ? json : [json]
  return list.flatMap(one => parseStatement(one, limits))
}

/** Inline, or by the name of one that the table has. */
function limitOf(kind: string): Parse {
  return (fields, content, limits) => {
    if (typeof content === 'string') return [{ limit: limits.get(`${kind} ${content}`) ?? 'within' }]
    return [{ limit: fields.inv === true ? 'over' : 'within' }]
  }
}

/** Marks decide over routes and rules; of a header only addresses and ports do. */
function mangled(key: JsonFields, value: unknown): NftStatement[] | null {
  const meta = textIn(fieldsOf(key.meta) ?? {}, 'key')
  const ct = textIn(fieldsOf(key.ct) ?? {}, 'key')
  if (meta === 'mark') return [{ mark: { of: 'meta', value: parseExpression(value) } }]
  if (ct === 'mark') return [{ mark: { of: 'ct', value: parseExpression(value) } }]
  const field = textIn(fieldsOf(key.payload) ?? {}, 'field')
  const matters = ['saddr', 'daddr', 'sport', 'dport', 'protocol', 'nexthdr', 'type']
  if (field !== null) return matters.includes(field) ? null : []
  const passes = meta !== null ? meta !== 'pkttype' && meta !== 'broute' : ct !== null && ct !== 'zone'
  return passes || 'tcp option' in key || 'exthdr' in key ? [] : null
}

function translation(kind: NftTranslation['kind']): Parse {
  return fields => {
    const { addr, port } = fields
    const family = textIn(fields, 'family')
    return [
      {
        nat: {
          kind,
          ...(family === 'ip' || family === 'ip6' ? { family } : {}),
          ...(addr === undefined ? {} : { address: parseExpression(addr) }),
          ...(port === undefined ? {} : { port: parseExpression(port) }),
          ...(isNetmap(fields) ? { netmap: true as const } : {}),
        },
      },
    ]
  }
}

function isNetmap({ flags, type_flags }: JsonFields): boolean {
  return [flags, type_flags].flat().some(flag => flag === 'netmap' || flag === 'prefix')
}
