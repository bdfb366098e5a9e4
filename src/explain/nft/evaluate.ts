import { addressOf, cidr } from '../../model/address.ts'
import { linkNamed } from '../../model/host/by-name.ts'
import type { NftElement, NftExpression } from '../../model/nft/expression.ts'
import type { NftTable } from '../../model/nft/ruleset.ts'
import { routesTo } from '../../model/routing/routes-to.ts'
import { askWayBack } from '../routing/routing.ts'
import { addressType, type Transit } from '../transit.ts'
import { elementsNamed, type Walking } from '../world.ts'
import { combined, isIn, maskedAddress, namesOf, numberOf } from './compare.ts'
import { connectionValue } from './connection.ts'
import { metaValue } from './meta.ts'
import { payloadValue } from './payload.ts'
import { ABSENT, type NftValue, number, UNKNOWN } from './value.ts'

/** Where a rule is met. */
export interface View {
  transit: Transit
  table: NftTable
  hook: string
  priority: number
}

/** What an expression is, for one packet where it is met. */
export function* evaluate(expression: NftExpression, view: View): Walking<NftValue> {
  if (typeof expression === 'number') return number(expression)
  if (typeof expression === 'string') return { is: 'name', value: expression }
  if (typeof expression !== 'object' || Array.isArray(expression)) return UNKNOWN
  if ('meta' in expression) return metaValue(expression.meta, view)
  if ('payload' in expression) return payloadValue(expression.payload, view.transit)
  if ('ct' in expression) return connectionValue(expression, view)
  if ('fib' in expression) return yield* routeValue(expression.fib, view)
  if ('concat' in expression) return yield* concatenated(expression.concat, view)
  if ('operation' in expression) return yield* computed(expression, view)
  if ('map' in expression) return yield* mapped(expression.map, view)
  if ('numgen' in expression) {
    const { mod, offset } = expression.numgen
    return mod === 1 ? number(offset) : { is: 'between', first: offset, last: offset + mod - 1 }
  }
  if ('exthdr' in expression) return expression.exthdr === 'exists' ? number(0) : ABSENT
  return UNKNOWN
}

function* concatenated(parts: NftExpression[], view: View): Walking<NftValue> {
  const values: NftValue[] = []
  for (const part of parts) values.push(yield* evaluate(part, view))
  return values.some(({ is }) => is === 'absent') ? ABSENT : { is: 'concat', of: values }
}

function* computed(
  { operation, of: [first, second] }: Extract<NftExpression, { operation: string }>,
  view: View,
): Walking<NftValue> {
  const left = yield* evaluate(first, view)
  if (left.is === 'address' && operation === '&' && typeof second === 'string') {
    const masked = maskedAddress(left.value, second)
    return masked === null ? UNKNOWN : { is: 'address', value: masked }
  }
  if (left.is !== 'number' && left.is !== 'flags') return left.is === 'absent' ? ABSENT : UNKNOWN
  const right = yield* operandOf(second, left, view)
  if (right === null) return UNKNOWN
  const value = calculated(operation, left.value, right)
  if (left.is === 'number') return { ...left, value }
  const unknown = operation === '&' ? left.unknown & right : left.unknown
  return { ...left, value, unknown }
}

function* operandOf(operand: NftExpression, left: NftValue, view: View): Walking<number | null> {
  if (Array.isArray(operand)) return combined(operand, namesOf(left))
  if (typeof operand === 'string' || typeof operand === 'number') return numberOf(operand, namesOf(left))
  const value = yield* evaluate(operand, view)
  if (value.is === 'number') return value.value
  return combined([operand], namesOf(left))
}

function calculated(operation: '&' | '|' | '^' | '<<' | '>>', left: number, right: number): number {
  switch (operation) {
    case '&':
      return (left & right) >>> 0
    case '|':
      return (left | right) >>> 0
    case '^':
      return (left ^ right) >>> 0
    case '<<':
      return (left << right) >>> 0
    case '>>':
      return left >>> right
  }
}

/** What a map has for its key; absent where it has nothing, and then the rule does not match. */
function* mapped({ key, data }: { key: NftExpression; data: NftExpression }, view: View): Walking<NftValue> {
  const value = yield* evaluate(key, view)
  const elements = yield* elementsOf(data, view)
  if (elements === null) return UNKNOWN
  const found = elements.map(element => ({ element, truth: isIn(value, element.key) }))
  const hit = found.find(({ truth }) => truth === true)
  if (!hit) return found.some(({ truth }) => truth === null) ? UNKNOWN : ABSENT
  const { value: to } = hit.element
  return to === undefined ? UNKNOWN : yield* literalValue(to, view)
}

function* literalValue(to: NftExpression, view: View): Walking<NftValue> {
  if (typeof to === 'object' && !Array.isArray(to) && 'concat' in to) {
    const parts: NftValue[] = []
    for (const part of to.concat) parts.push(yield* literalValue(part, view))
    return { is: 'concat', of: parts }
  }
  if (typeof to === 'object' && 'prefix' in to)
    return { is: 'name', value: `${to.prefix.addr}/${to.prefix.len}` }
  return yield* evaluate(to, view)
}

/**
 * Of a set or map in the rule, or of one by name; the one for all others comes last. Null: they are not known.
 *
 * @param address the only one that is asked for
 */
export function* elementsOf(
  data: NftExpression,
  { transit, table }: View,
  address: string | null = null,
): Walking<NftElement[] | null> {
  if (typeof data !== 'object' || Array.isArray(data)) return null
  if ('set' in data) return othersLast(data.set)
  if (!('reference' in data)) return null
  const set = table.sets.find(({ name }) => name === data.reference)
  const elements =
    set?.elements ?? (set ? yield* elementsNamed(transit.place.name, table, set, address) : null)
  return elements && othersLast(elements)
}

function othersLast(elements: NftElement[]): NftElement[] {
  return elements.some(({ key }) => key === '*')
    ? [...elements.filter(({ key }) => key !== '*'), ...elements.filter(({ key }) => key === '*')]
    : elements
}

/** A lookup in the routes: the type of an address, or the interface that its route leaves by. */
function* routeValue({ result, flags }: { result: string; flags: string[] }, view: View): Walking<NftValue> {
  const { transit } = view
  const { packet, place, input, output } = transit
  const address = flags.includes('saddr') ? packet.tuple.source : packet.tuple.destination
  if (result === 'type') {
    const type = addressType(place, address)
    if (type === null) return UNKNOWN
    const link = flags.includes('iif') ? input : flags.includes('oif') ? output : null
    const isElsewhere = link !== null && type === 'LOCAL' && !hasAddress(transit, link, address)
    return { is: 'name', value: isElsewhere ? 'unicast' : type.toLowerCase() }
  }
  if (!flags.includes('saddr')) {
    return output !== null && !flags.includes('iif') ? linkValue(transit, output) : UNKNOWN
  }
  return yield* wayBack(transit, flags)
}

function hasAddress({ place }: Transit, link: string, address: string): boolean {
  const addresses = linkNamed(place.network.links, link)?.addresses ?? []
  return (
    addresses.some(one => addressOf(one.address) === address) || (link === 'lo' && address.startsWith('127.'))
  )
}

/** The interface that answers would leave by; with `iif` only if it is the one that the packet came in by. */
function* wayBack(transit: Transit, flags: string[]): Walking<NftValue> {
  const { packet, place, input } = transit
  if (input === 'lo') return linkValue(transit, 'lo')
  if (flags.includes('mark') && packet.mark !== 0) return UNKNOWN
  const back = yield* askWayBack(transit)
  if (back.kind === 'unknown') return UNKNOWN
  const found = back.kind === 'unicast' ? back.dev : ''
  if (!flags.includes('iif') || found === input) return linkValue(transit, found)
  // IPv6 asks for a route by that interface, IPv4 whether the best one leads there.
  const mayUse =
    packet.family === 'ipv6' &&
    routesTo(place.network.routes, cidr(packet.tuple.source)).some(({ dev }) => dev === input)
  return linkValue(transit, mayUse && input !== null ? input : '')
}

function linkValue({ place }: Pick<Transit, 'place'>, name: string | null): NftValue {
  const index = linkNamed(place.network.links, name ?? '')?.index ?? 0
  return { is: 'name', value: name ?? '', index }
}
