import { fieldsOf, type JsonFields, numberIn, textIn } from './json-fields.ts'
import { type NftVerdict, parseVerdict } from './verdict.ts'

/** A value in a rule, in the shape that `nft -j` prints it in; what is not known here is carried along as `unknown`. */
export type NftExpression =
  | string
  | number
  | boolean
  /** Flags: `established,related`. */
  | NftExpression[]
  | { prefix: { addr: string | number; len: number } }
  | { range: [NftExpression, NftExpression] }
  | { concat: NftExpression[] }
  | { set: NftElement[] }
  /** A set or map of the same table, by name. */
  | { reference: string }
  | { meta: string }
  | { ct: string; direction?: 'original' | 'reply' }
  | { payload: { protocol: string; field: string } }
  | { fib: { result: string; flags: string[] } }
  | { operation: '&' | '|' | '^' | '<<' | '>>'; of: [NftExpression, NftExpression] }
  | { map: { key: NftExpression; data: NftExpression } }
  /** One of so many numbers, as chance or a hash of the packet has it. */
  | { numgen: { mod: number; offset: number } }
  /** An extension header of IPv6: whether there is one, or a field of it. */
  | { exthdr: 'exists' | 'field' }
  | { unknown: string }

/** Of a set its key alone; of a map what it leads to as well. */
export interface NftElement {
  key: NftExpression
  value?: NftExpression
  verdict?: NftVerdict
}

export function parseExpression(json: unknown): NftExpression {
  if (typeof json === 'string') return json.startsWith('@') ? { reference: json.slice(1) } : json
  if (typeof json === 'number' || typeof json === 'boolean') return json
  if (Array.isArray(json)) return json.map(parseExpression)
  const [name, content] = Object.entries(fieldsOf(json) ?? {})[0] ?? []
  const parsed = name === undefined ? null : (PARSERS[name]?.(content) ?? null)
  return parsed ?? { unknown: JSON.stringify(json) }
}

type Parse = (content: unknown) => NftExpression | null

const ofFields =
  (parse: (fields: JsonFields) => NftExpression | null): Parse =>
  content => {
    const fields = fieldsOf(content)
    return fields && parse(fields)
  }

const ofList =
  (parse: (list: NftExpression[]) => NftExpression | null): Parse =>
  content =>
    Array.isArray(content) ? parse(content.map(parseExpression)) : null

const operation = (operator: '&' | '|' | '^' | '<<' | '>>') =>
  ofList(operands => {
    const [first, ...others] = operands
    if (first === undefined || others.length === 0) return null
    // Of more than two, as newer versions print them.
    return others.reduce<NftExpression>((left, right) => ({ operation: operator, of: [left, right] }), first)
  })

const PARSERS: Record<string, Parse | undefined> = {
  prefix: ofFields(fields => {
    const addr = textIn(fields, 'addr') ?? numberIn(fields, 'addr')
    const len = numberIn(fields, 'len')
    return addr === null || len === null ? null : { prefix: { addr, len } }
  }),
  range: ofList(([first, last]) =>
    first === undefined || last === undefined ? null : { range: [first, last] },
  ),
  concat: ofList(concat => ({ concat })),
  set: content => ({ set: parseElements(Array.isArray(content) ? content : [content]) }),
  meta: ofFields(fields => {
    const key = textIn(fields, 'key')
    return key === null ? null : { meta: key }
  }),
  ct: ofFields(fields => {
    const [key, direction] = [textIn(fields, 'key'), textIn(fields, 'dir')]
    if (key === null) return null
    return direction === 'original' || direction === 'reply' ? { ct: key, direction } : { ct: key }
  }),
  payload: ofFields(fields => {
    const [protocol, field] = [textIn(fields, 'protocol'), textIn(fields, 'field')]
    return protocol === null || field === null ? null : { payload: { protocol, field } }
  }),
  fib: ofFields(fields => {
    const result = textIn(fields, 'result')
    const { flags } = fields
    const list = Array.isArray(flags) ? flags : [flags]
    return result === null ? null : { fib: { result, flags: list.filter(one => typeof one === 'string') } }
  }),
  map: ofFields(({ key, data }) => ({ map: { key: parseExpression(key), data: parseExpression(data) } })),
  numgen: ofFields(oneOfSome),
  jhash: ofFields(oneOfSome),
  symhash: ofFields(oneOfSome),
  exthdr: ofFields(fields => ({ exthdr: 'field' in fields ? 'field' : 'exists' })),
  // An element with a timeout, a comment or a counter.
  elem: ofFields(({ val }) => parseExpression(val)),
  '&': operation('&'),
  '|': operation('|'),
  '^': operation('^'),
  '<<': operation('<<'),
  '>>': operation('>>'),
}

function oneOfSome(fields: JsonFields): NftExpression | null {
  const mod = numberIn(fields, 'mod')
  return mod === null ? null : { numgen: { mod, offset: numberIn(fields, 'offset') ?? 0 } }
}

/** Elements of a set, anonymous or not: keys, or pairs of a key and what it is mapped to. */
export function parseElements(list: unknown[]): NftElement[] {
  return list.map(element => {
    if (!Array.isArray(element)) return { key: parseExpression(element) }
    const [key, value] = element as [unknown, unknown]
    const verdict = parseVerdict(value)
    return {
      key: parseExpression(key),
      ...(verdict === null ? { value: parseExpression(value) } : { verdict }),
    }
  })
}
