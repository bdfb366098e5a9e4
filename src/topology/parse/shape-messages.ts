import { escapeText } from '../../model/text/escape.ts'
import { listOf } from '../../model/text/phrases.ts'
import { type Rule, resolve, ruleAt } from '../check/rules.ts'
import type { Code } from './codes.ts'
import { didYouMean } from './nearest.ts'
import { explainPattern } from './patterns.ts'
import type { Spot } from './report.ts'
import { type Node, nodeAt, type Path } from './tree.ts'
import type { SchemaError } from './validator.generated.js'
import { readsAs } from './yaml.ts'

export interface ShapeMessage {
  code: Code
  at: Spot
  notes: string[]
}

/** Says what ajv found, where a reader would look for it and in words of the file. */
export function messageFor(error: SchemaError, root: Node): ShapeMessage {
  const path = pathOf(error.instancePath)
  const node = nodeAt(root, path)
  const { params, propertyName } = error
  const at: Spot = propertyName === undefined ? { path } : { path: [...path, propertyName], key: true }
  const text = propertyName ?? (node.kind === 'scalar' ? String(node.value) : '')
  const { rule, name } = ruleAt(root, path, propertyName !== undefined)
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(String(params.additionalProperty), path, rule)
    case 'required': {
      const example = exampleOf(resolve(rule.properties?.[String(params.missingProperty)] ?? {}))
      return {
        code: 'missing-key',
        at: whole(at, node),
        notes: [`expected the key ${params.missingProperty}`, ...example],
      }
    }
    case 'enum':
    case 'const':
      return wrongChoice(text, rule, at)
    case 'not':
      return {
        code: 'reserved-name',
        at,
        notes: [`${escapeText(text)} has a meaning of its own; choose another name`],
      }
    case 'pattern': {
      const { code, notes, part } = explainPattern(name, text, rule.patternErrorMessage ?? '')
      return { code, at: part ? { ...at, part } : at, notes }
    }
    case 'minimum':
    case 'maximum':
      return {
        code: 'out-of-range',
        at,
        notes: [`expected ${rule.minimum} to ${rule.maximum}, found ${text}`],
      }
    case 'minItems':
    case 'maxItems':
      return { code: 'wrong-length', at, notes: [wantedLength(rule), ...exampleOf(rule)] }
    case 'uniqueItems':
      return {
        code: 'listed-twice',
        at: { path: [...path, Math.max(Number(params.i), Number(params.j))] },
        notes: ['remove one of the two'],
      }
    default:
      return wrongType(node, rule, at)
  }
}

function unknownKey(key: string, path: Path, rule: Rule): ShapeMessage {
  const known = Object.keys(rule.properties ?? {})
  const printed = path.length === 0 && key === 'formatVersion' ? [PRINTED] : []
  const notes = [...printed, ...didYouMean(key, known), `known keys: ${listOf(known, 20)}`]
  return { code: 'unknown-key', at: { path: [...path, key], key: true }, notes }
}

const PRINTED = 'this is what nsctl prints, and no topology file; a saved plan is for nsctl apply'

/** Of a list or map only the beginning: a caret under all of it says nothing. */
function whole(at: Spot, node: Node): Spot {
  return node.kind === 'scalar' ? at : { ...at, part: [0, 1] }
}

function wrongChoice(text: string, rule: Rule, at: Spot): ShapeMessage {
  const choices = (rule.enum ?? [rule.const]).map(String)
  return {
    code: 'unknown-value',
    at,
    notes: [...didYouMean(text, choices), `expected ${choices.join(', ')}`],
  }
}

function wrongType(node: Node, rule: Rule, at: Spot): ShapeMessage {
  const branches = (rule.anyOf ?? [rule]).map(resolve)
  const types = new Set(branches.flatMap(branch => branch.type ?? []))
  const value = node.kind === 'scalar' ? node.value : undefined
  // Quotes help only where the text would fit then.
  const fits = ({ pattern }: Rule) => pattern === undefined || new RegExp(pattern, 'u').test(String(value))
  const asText = branches.some(branch => [branch.type].flat().includes('string') && fits(branch))
  if (asText && (typeof value === 'number' || typeof value === 'boolean')) {
    return { code: 'unquoted-name', at, notes: readsAs(String(value), value) }
  }
  const notes = [`expected ${[...types].map(type => TYPES[type] ?? type).join(' or ')}, found ${found(node)}`]
  if (types.has('boolean') && /^(yes|no|on|off)$/i.test(String(value))) {
    notes.push('YAML 1.2 reads yes, no, on and off as text; write true or false')
  }
  if (types.has('object') && value === null) notes.push('write {} for one without settings')
  const example = types.has('boolean') || rule.properties ? [] : exampleOf(rule)
  return { code: 'wrong-type', at, notes: [...notes, ...example] }
}

const TYPES: Record<string, string> = {
  object: 'keys with values',
  array: 'a list',
  string: 'text',
  integer: 'a number',
  boolean: 'true or false',
}

function found(node: Node): string {
  if (node.kind === 'map') return 'keys with values'
  if (node.kind === 'list') return 'a list'
  if (node.value === null) return 'nothing'
  if (typeof node.value === 'string') return 'text'
  return typeof node.value === 'number' ? 'a number' : String(node.value)
}

function wantedLength({ minItems, maxItems }: Rule): string {
  if (minItems === maxItems) return `expected exactly ${minItems} entries`
  return maxItems === undefined
    ? `expected at least ${minItems} entries`
    : `expected ${minItems} to ${maxItems} entries`
}

function exampleOf({ examples }: Rule): string[] {
  const [first] = examples ?? []
  return first === undefined ? [] : [`for example: ${flow(first)}`]
}

/** One line of YAML, as one would write it. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value).map(([key, item]) => `${key}: ${flow(item)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}

/** The steps of a JSON pointer, or of its form as a fragment. */
export function pathOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(step => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'))
}
