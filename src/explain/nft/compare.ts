import { cidr, contains, familyOf, formatAddress, parseAddress, parseNetwork } from '../../model/address.ts'
import type { NftExpression } from '../../model/nft/expression.ts'
import type { NftOperator } from '../../model/nft/statement.ts'
import { anyOf, type Truth } from '../rules/conditions.ts'
import type { Names, NftValue } from './value.ts'

/** Whether a value stands to the right side of a match as its operator says; null: that cannot be told. */
export function holds(operator: NftOperator, value: NftValue, right: NftExpression): Truth {
  if (value.is === 'absent') return false
  if (value.is === 'unknown') return null
  switch (operator) {
    case '==':
      return isIn(value, right)
    case '!=':
      return not(isIn(value, right))
    case 'in':
      return hasAny(value, right)
    case '!':
      return not(hasAny(value, right))
    default:
      return compares(operator, value, right)
  }
}

function not(truth: Truth): Truth {
  return truth === null ? null : !truth
}

/** Whether a value is one of those that an expression stands for: a literal, a prefix, a range, a set. */
export function isIn(value: NftValue, right: NftExpression): Truth {
  if (value.is === 'absent') return false
  if (value.is === 'unknown') return null
  if (Array.isArray(right)) return equalsNumber(value, combined(right, namesOf(value)))
  if (typeof right === 'boolean') return not(isNothing(value) === right)
  if (typeof right !== 'object') return equals(value, right)
  if ('set' in right) return anyOf(right.set.map(({ key }) => isIn(value, key)))
  if ('concat' in right) return isEach(value, right.concat)
  if ('prefix' in right) return isWithin(value, right.prefix)
  if ('range' in right) return isBetween(value, right.range)
  if ('operation' in right) return equalsNumber(value, combined([right], namesOf(value)))
  return null
}

/** `exists` and `missing`. */
function isNothing(value: NftValue): boolean {
  if (value.is === 'number') return value.value === 0
  return value.is === 'name' && value.value === ''
}

function equals(value: NftValue, right: string | number): Truth {
  switch (value.is) {
    case 'address':
      return right === '*' ? true : isWithin(value, { addr: right, len: null })
    case 'name':
      return isName(value, right)
    case 'concat':
      // The element that stands for all others.
      return right === '*' ? true : null
    default:
      return right === '*' ? true : equalsNumber(value, numberOf(right, namesOf(value)))
  }
}

/** An interface by name, where an asterisk at the end stands for whatever follows, or by index. */
function isName({ value, index }: Extract<NftValue, { is: 'name' }>, right: string | number): boolean {
  const text = String(right)
  if (text.endsWith('\\*')) return value === `${text.slice(0, -2)}*`
  if (text.endsWith('*')) return value.startsWith(text.slice(0, -1))
  return value === text || (index !== undefined && /^\d+$/.test(text) && index === Number(text))
}

function equalsNumber(value: NftValue, wanted: number | null): Truth {
  if (wanted === null) return null
  if (value.is === 'number') return value.value === wanted
  if (value.is === 'between') {
    if (value.first === value.last) return value.first === wanted
    return wanted < value.first || wanted > value.last ? false : null
  }
  if (value.is !== 'flags') return null
  const known = ~value.unknown
  if ((value.value & known) !== (wanted & known)) return false
  return value.unknown === 0 ? true : null
}

function hasAny(value: NftValue, right: NftExpression): Truth {
  const mask = combined(Array.isArray(right) ? right : [right], namesOf(value))
  if (mask === null) return null
  if (value.is === 'number') return (value.value & mask) !== 0
  if (value.is !== 'flags') return null
  if ((value.value & ~value.unknown & mask) !== 0) return true
  return (value.unknown & mask) === 0 ? false : null
}

/** Flags as one number. */
export function combined(list: NftExpression[], names: Names): number | null {
  let all = 0
  for (const one of list) {
    const value = flagsIn(one, names)
    if (value === null) return null
    all |= value
  }
  return all >>> 0
}

function flagsIn(one: NftExpression, names: Names): number | null {
  if (Array.isArray(one)) return combined(one, names)
  if (typeof one === 'string' || typeof one === 'number') return numberOf(one, names)
  return typeof one === 'object' && 'operation' in one && one.operation === '|'
    ? combined(one.of, names)
    : null
}

export function numberOf(literal: string | number, names: Names): number | null {
  const known = typeof literal === 'number' ? literal : (names[literal] ?? Number(literal))
  return Number.isNaN(known) ? null : known
}

export function namesOf(value: NftValue): Names {
  return (value.is === 'number' || value.is === 'flags' ? value.names : undefined) ?? {}
}

/** The parts may be fewer than those of the element where the last of them is left to chance. */
function isEach(value: NftValue, parts: NftExpression[]): Truth {
  if (value.is !== 'concat' || value.of.length !== parts.length) return null
  const truths = value.of.map((part, i) => isIn(part, parts[i] ?? ''))
  if (truths.includes(false)) return false
  return truths.includes(null) ? null : true
}

/** `len`: null for one address alone. Of a number the first bits are asked. */
function isWithin(value: NftValue, { addr, len }: { addr: string | number; len: number | null }): Truth {
  if (value.is === 'number' && len !== null) {
    const wanted = numberOf(addr, namesOf(value))
    return wanted === null ? null : len === 0 || (value.value ^ wanted) >>> (32 - len) === 0
  }
  if (value.is !== 'address') return null
  const network = parseNetwork(len === null ? String(addr) : `${addr}/${len}`)
  // No packet bears an address of IPv4 that is mapped into IPv6.
  if (network === null) return String(addr).startsWith('::ffff:') ? false : null
  return network.family === familyOf(value.value) && contains(network, cidr(value.value))
}

function isBetween(value: NftValue, [first, last]: [NftExpression, NftExpression]): Truth {
  if (!isLiteral(first) || !isLiteral(last)) return null
  if (value.is === 'address') {
    const [from, to] = [parseAddress(String(first)), parseAddress(String(last))]
    const own = parseAddress(value.value)
    if (from === null || to === null || own === null) return null
    return own.family === from.family && own.address >= from.address && own.address <= to.address
  }
  const [from, to] = [numberOf(first, namesOf(value)), numberOf(last, namesOf(value))]
  if (from === null || to === null) return null
  if (value.is === 'number') return value.value >= from && value.value <= to
  if (value.is !== 'between') return null
  if (from <= value.first && to >= value.last) return true
  return to < value.first || from > value.last ? false : null
}

const LAST_NUMBER = 0xffffffff

function compares(operator: '<' | '>' | '<=' | '>=', value: NftValue, right: NftExpression): Truth {
  if (!isLiteral(right)) return null
  if (value.is === 'address') {
    const [own, other] = [parseAddress(value.value), parseAddress(String(right))]
    if (own === null || other === null || own.family !== other.family) return null
    return ordered(operator, own.address, other.address)
  }
  const wanted = numberOf(right, namesOf(value))
  if (wanted === null) return null
  const range: [number, number] = {
    '<': [0, wanted - 1] as [number, number],
    '<=': [0, wanted] as [number, number],
    '>': [wanted + 1, LAST_NUMBER] as [number, number],
    '>=': [wanted, LAST_NUMBER] as [number, number],
  }[operator]
  return isBetween(value, range)
}

function ordered(operator: '<' | '>' | '<=' | '>=', a: bigint, b: bigint): boolean {
  switch (operator) {
    case '<':
      return a < b
    case '>':
      return a > b
    case '<=':
      return a <= b
    case '>=':
      return a >= b
  }
}

function isLiteral(expression: NftExpression): expression is string | number {
  return typeof expression === 'string' || typeof expression === 'number'
}

/** An address with only the bits of a mask. */
export function maskedAddress(address: string, mask: string): string | null {
  const [own, bits] = [parseAddress(address), parseAddress(mask)]
  if (own === null || bits === null || own.family !== bits.family) return null
  return formatAddress({ ...own, address: own.address & bits.address })
}
