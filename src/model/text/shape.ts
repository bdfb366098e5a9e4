import { parseAddress, parseCidr } from '../address.ts'
import { dictionary } from './lookup.ts'

/** Says that a value read from outside is what its type says, or throws Misshapen with the place and what was expected. */
export type Shape<T> = (value: unknown, place: string) => T

/** A document that nsctl reads back, and that is not what nsctl writes. */
export class Misshapen extends Error {
  constructor(place: string, expected: string) {
    super(`${place === '' ? 'the document' : place} is not ${expected}`)
    this.name = 'Misshapen'
  }
}

function scalar<T>(expected: string, is: (value: unknown) => boolean): Shape<T> {
  return (value, place) => {
    if (!is(value)) throw new Misshapen(place, expected)
    return value as T
  }
}

export const text = scalar<string>('text', value => typeof value === 'string')
export const number = scalar<number>('a number', value => Number.isSafeInteger(value))
export const boolean = scalar<boolean>('true or false', value => typeof value === 'boolean')
export const address = scalar<string>(
  'an address',
  value => typeof value === 'string' && parseAddress(value) !== null,
)
export const addressWithPrefix = scalar<string>(
  'an address with prefix',
  value => typeof value === 'string' && parseCidr(value) !== null,
)
/** Whatever JSON can hold. */
export const anything: Shape<never> = value => value as never

export function oneOf<T extends string>(...values: T[]): Shape<T> {
  return scalar<T>(values.join(' or '), value => values.includes(value as T))
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value, place) => (value === null ? null : shape(value, place))
}

export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, place) => (value === undefined ? undefined : shape(value, place))
}

export function list<T>(shape: Shape<T>): Shape<T[]> {
  return (value, place) => {
    if (!Array.isArray(value)) throw new Misshapen(place, 'a list')
    return value.map((item, i) => shape(item, `${place}[${i}]`))
  }
}

/** A map whose keys are data. */
export function record<T>(shape: Shape<T>): Shape<Record<string, T>> {
  return (value, place) => {
    const entries = Object.entries(members(value, place))
    return dictionary(entries.map(([key, item]) => [key, shape(item, below(place, key))]))
  }
}

/** The keys that are known: further ones, as a later minor version of a format may add them, are left out. */
export function object<T>(shapes: { [K in keyof T]-?: Shape<T[K]> }): Shape<T> {
  return (value, place) => {
    const found = members(value, place)
    const known = Object.entries(shapes) as [string, Shape<unknown>][]
    const checked = known.map(([key, shape]) => [
      key,
      shape(Object.hasOwn(found, key) ? found[key] : undefined, below(place, key)),
    ])
    return Object.fromEntries(checked.filter(([, item]) => item !== undefined)) as T
  }
}

function members(value: unknown, place: string): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new Misshapen(place, 'an object')
  return value as Record<string, unknown>
}

function below(place: string, key: string): string {
  return place === '' ? key : `${place}.${key}`
}

/** Of this format in this major version; within one, keys are only added. */
export const formatVersion: Shape<'1.0'> = (value, place) => {
  if (typeof value !== 'string') throw new Misshapen(place, 'a format version, as "1.0"')
  if (!/^1\.\d+$/.test(value))
    throw new Misshapen(
      place,
      'one that this nsctl reads (1.x): use the nsctl that wrote it, or write it again',
    )
  return '1.0'
}
