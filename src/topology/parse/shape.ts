import { ruleAt } from '../check/rules.ts'
import type { TopologyFile } from './file.ts'
import type { Report } from './report.ts'
import { messageFor, pathOf } from './shape-messages.ts'
import { type Node, nodeAt, type Path, plainValue, type Value } from './tree.ts'
import { type SchemaError, validate } from './validator.generated.js'

/** A file whose every remaining part has the shape of the schema; parts that have not are left out. */
export interface Shaped {
  file: TopologyFile
  /** First keys below which something was left out: what is absent there may only have been mistyped. */
  incomplete: Set<string>
}

/** Reports what the schema forbids and cuts it out, so that the rest can still be checked. */
export function checkShape(root: Node, report: Report): Shaped | null {
  const value = plainValue(root)
  const incomplete = new Set<string>()
  convertText(root, value)
  for (const error of errorsOf(value)) {
    const { code, at, notes } = messageFor(error, root)
    if (!report.hasErrorAt(at)) report.error(code, at, ...notes)
    cut(error, root, value, incomplete)
    if (report.full) return null
  }
  // Cutting one part can leave another too short or without what it needs; that is no news to the reader.
  for (let round = 0; round < 5; round++) {
    const errors = errorsOf(value)
    if (errors.length === 0) return { file: value as unknown as TopologyFile, incomplete }
    for (const error of errors) cut(error, root, value, incomplete)
  }
  return null
}

function errorsOf(value: Value): SchemaError[] {
  if (validate(value)) return []
  return telling(validate.errors ?? []).filter(({ instancePath }) => !isHole(value, pathOf(instancePath)))
}

/** An interpolated value is text; where the schema wants a number or a boolean it is read as one. */
function convertText(root: Node, value: Value): void {
  if (validate(value)) return
  for (const { keyword, instancePath, params } of validate.errors ?? []) {
    if (keyword !== 'type') continue
    const path = pathOf(instancePath)
    const node = nodeAt(root, path)
    if (node.kind !== 'scalar' || !node.interpolated || typeof node.value !== 'string') continue
    const parsed = readAs(String(params.type), node.value)
    if (parsed === null) continue
    node.value = parsed
    replace(value, path, parsed)
  }
}

function readAs(type: string, text: string): number | boolean | null {
  if (type === 'integer' && /^(0|[1-9]\d{0,14})$/.test(text)) return Number(text)
  if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true'
  return null
}

/** The errors that tell an author something. The validator lists what it found below a keyword before the keyword itself. */
function telling(errors: SchemaError[]): SchemaError[] {
  const kept: SchemaError[] = []
  for (const error of errors) {
    if (error.keyword === 'propertyNames') nameTheKey(kept, error)
    else if (error.keyword === 'anyOf') kept.push(...ofTheFittingBranch(error, takeBelow(error, kept)))
    else kept.push(error)
  }
  return kept
}

/** The errors about a key right before its `propertyNames` do not say which key it is: that one does. */
function nameTheKey(kept: SchemaError[], { instancePath, params }: SchemaError): void {
  const isAboutKey = (error: SchemaError) =>
    error.instancePath === instancePath &&
    error.propertyName === undefined &&
    ['pattern', 'not', 'type'].includes(error.keyword)
  const before = kept.findLastIndex(error => !isAboutKey(error))
  for (const error of kept.slice(before + 1)) error.propertyName = params.propertyName as string
}

/** Takes the errors of an anyOf's branches off the end of the list. */
function takeBelow({ instancePath }: SchemaError, kept: SchemaError[]): SchemaError[] {
  const isBelow = (error: SchemaError) => `${error.instancePath}/`.startsWith(`${instancePath}/`)
  return kept.splice(kept.findLastIndex(error => !isBelow(error)) + 1)
}

/**
 * The branches of an anyOf in the schema differ in type, so that only the one whose type fits has something to say. Where
 * none fits, the anyOf itself says what was expected.
 */
function ofTheFittingBranch(anyOf: SchemaError, errors: SchemaError[]): SchemaError[] {
  const isOwn = (error: SchemaError) => error.instancePath === anyOf.instancePath
  const unfit = new Set(errors.filter(error => isOwn(error) && error.keyword === 'type').map(branchOf))
  // A list of choices also complains of a value of another type; other keywords ask for the type first.
  const isOfUnfit = (error: SchemaError) =>
    error.keyword === 'type' || (error.keyword === 'enum' && unfit.has(branchOf(error)))
  const left = errors.filter(error => !isOwn(error) || !isOfUnfit(error))
  return left.length > 0 ? left : [anyOf]
}

function branchOf({ schemaPath }: SchemaError): string {
  return schemaPath.slice(0, schemaPath.lastIndexOf('/'))
}

/** Takes out what is wrong, and as little around it as leaves the right shape. */
function cut(error: SchemaError, root: Node, value: Value, incomplete: Set<string>): void {
  const path = pathOf(error.instancePath)
  if (error.keyword === 'additionalProperties') path.push(String(error.params.additionalProperty))
  else {
    if (error.propertyName !== undefined) path.push(error.propertyName)
    if (path.length === 0) path.push(String(error.params.missingProperty ?? ''))
    while (path.length > 1 && !dispensable(path, root)) path.pop()
    incomplete.add(path[0] ?? '')
  }
  if (path.length === 1 && path[0] === 'name') replace(value, path, PLACEHOLDER)
  else replace(value, path, undefined)
}

function dispensable(path: Path, root: Node): boolean {
  const [last = ''] = path.slice(-1)
  const parent = path.slice(0, -1)
  if (nodeAt(root, parent).kind !== 'list')
    return !ruleAt(root, parent, false).rule.required?.includes(String(last))
  // Lists of entries bear a hole; in lists of values everything counts.
  return ENTRIES.has(String(parent.at(-1)))
}

const ENTRIES = new Set(['uplinks', 'veths', 'forwards', 'allow', 'expect', 'accept', 'routes'])

/** Stands in for a name that is missing or wrong; never leaves the loader, which has failed by then. */
const PLACEHOLDER = 'unnamed'

/** Without a new value a map entry goes; a list item leaves a hole that keeps the others' numbers. */
function replace(root: Value, path: Path, value: Value | undefined): void {
  const parent = valueAt(root, path.slice(0, -1))
  const last = path.at(-1)
  if (typeof parent !== 'object' || parent === null || last === undefined) return
  if (value !== undefined) (parent as Record<string, Value>)[last] = value
  else delete (parent as Record<string, Value>)[last]
}

function isHole(root: Value, path: Path): boolean {
  return path.length > 0 && valueAt(root, path) === undefined
}

function valueAt(root: Value, path: Path): Value | undefined {
  let value: Value | undefined = root
  for (const step of path) value = (value as Record<string, Value> | null | undefined)?.[step]
  return value
}
