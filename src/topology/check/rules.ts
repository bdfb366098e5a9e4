import schema from '../../../schemas/topology.schema.json' with { type: 'json' }
import { childOf, type Node, type Path } from '../parse/tree.ts'

/** What a node of the schema may say, as far as messages need it. */
export interface Rule {
  $ref?: string
  type?: string | string[]
  anyOf?: Rule[]
  properties?: Record<string, Rule>
  additionalProperties?: Rule | boolean
  propertyNames?: Rule
  items?: Rule
  required?: string[]
  enum?: unknown[]
  const?: unknown
  pattern?: string
  patternErrorMessage?: string
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  examples?: unknown[]
}

interface Found {
  rule: Rule
  /** `cidr` for a definition of the schema, `forward.listen` for a property of one. */
  name: string
}

/**
 * The rule for a place in a file. Of alternatives the one whose type is that of the value: those of this schema
 * differ in type. Where none is, the rule with all its alternatives.
 */
export function ruleAt(root: Node, path: Path, ofKey: boolean): Found {
  let node: Node | undefined = root
  let found = settle({ rule: schema as Rule, name: 'topology' }, node)
  for (const step of path) {
    node = node && childOf(node, step)
    found = settle(below(found, step), node)
  }
  return ofKey ? settle({ rule: found.rule.propertyNames ?? {}, name: found.name }, undefined) : found
}

/** Follows a reference; what stands beside it comes first. */
export function resolve(rule: Rule): Rule {
  if (rule.$ref === undefined) return rule
  const { $ref, ...beside } = rule
  return { ...resolve(definition($ref)), ...beside }
}

function below({ rule, name }: Found, step: string | number): Found {
  const property = rule.properties?.[step]
  if (property) return { rule: property, name: `${name}.${step}` }
  if (rule.items) return { rule: rule.items, name }
  return { rule: typeof rule.additionalProperties === 'object' ? rule.additionalProperties : {}, name }
}

function settle({ rule, name }: Found, node: Node | undefined): Found {
  if (rule.$ref !== undefined)
    return settle({ rule: resolve(rule), name: rule.$ref.replace(DEFINITIONS, '') }, node)
  const branch = node && rule.anyOf?.find(one => fits(resolve(one), node))
  return branch ? settle({ rule: branch, name }, node) : { rule, name }
}

const DEFINITIONS = '#/$defs/'

function definition(reference: string): Rule {
  return (schema.$defs as Record<string, Rule>)[reference.replace(DEFINITIONS, '')] ?? {}
}

function fits({ type }: Rule, node: Node): boolean {
  return type !== undefined && type === typeOf(node)
}

function typeOf(node: Node): string {
  if (node.kind === 'map') return 'object'
  if (node.kind === 'list') return 'array'
  return typeof node.value === 'number' ? 'integer' : typeof node.value
}
