import type { NftStatement } from '../../model/nft/statement.ts'
import type { Truth } from '../rules/conditions.ts'
import { supposed, type Walking } from '../world.ts'
import { holds } from './compare.ts'
import { elementsOf, evaluate, type View } from './evaluate.ts'
import { described, keyOf, type Met } from './met.ts'

export type Asked = Extract<NftStatement, { match: unknown } | { limit: unknown } | { extension: unknown }>

function isAsked(statement: NftStatement): statement is Asked {
  if ('extension' in statement) return statement.extension.type === 'match'
  return 'match' in statement || 'limit' in statement
}

export function mayDecide(statement: NftStatement): boolean {
  return !isAsked(statement)
}

/** What is asked before each thing that is done. */
export function parts(statements: NftStatement[]): { asked: Asked[]; done: NftStatement | null }[] {
  const all: { asked: Asked[]; done: NftStatement | null }[] = []
  let asked: Asked[] = []
  for (const statement of statements) {
    if (isAsked(statement)) {
      asked.push(statement)
      continue
    }
    all.push({ asked, done: statement })
    asked = []
  }
  return all
}

/** What cannot be told is taken for what the walk supposes, unless something else does not hold anyway. */
export function* allHold(met: Met, asked: Asked[]): Walking<boolean> {
  let isOpen = false
  for (const statement of asked) {
    const truth = yield* judge(statement, met.visit.view)
    if (truth === false) return false
    if (truth === null) isOpen = true
  }
  return !isOpen || supposed(met.visit.view.transit.course, keyOf(met), described(met))
}

function* judge(statement: Asked, view: View): Walking<Truth> {
  // A first packet is within every limit.
  if ('limit' in statement) return statement.limit === 'within'
  if ('extension' in statement) return null
  const { operator, left, right } = statement.match
  const value = yield* evaluate(left, view)
  if (typeof right === 'object' && !Array.isArray(right)) {
    if ('reference' in right || 'set' in right) {
      const elements = yield* elementsOf(right, view, value.is === 'address' ? value.value : null)
      return elements === null && value.is !== 'absent'
        ? null
        : holds(operator, value, { set: elements ?? [] })
    }
    if (isComputed(right)) {
      const other = yield* evaluate(right, view)
      if (other.is === 'number') return holds(operator, value, other.value)
      return other.is === 'absent' ? false : null
    }
  }
  return holds(operator, value, right)
}

function isComputed(right: object): boolean {
  return ['meta', 'ct', 'payload', 'map', 'numgen'].some(name => name in right)
}
