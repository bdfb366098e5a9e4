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
  return collapse(validate.errors ?? []).filter(({ instancePath }) => !isHole(value, pathOf(instancePath)))
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

/**
 * Of the branches of an anyOf only the one whose type fits has something to say: the schema's branches differ in
 * type. Where none fits, the anyOf itself remains. A key that breaks a rule is reported by the rule.
 */
function collapse(errors: SchemaError[]): SchemaError[] {
  const kept: SchemaError[] = []
  for (const error of errors) {
    const { instancePath, keyword, params } = error
    if (keyword === 'propertyNames') {
      for (let i = kept.length - 1; ofKey(kept[i], instancePath); i--) {
        Object.assign(kept[i] ?? {}, { propertyName: params.propertyName })
      }
    } else if (keyword === 'anyOf') {
      const within = (other: SchemaError) => `${other.instancePath}/`.startsWith(`${instancePath}/`)
      const branches = kept.splice(kept.findLastIndex(other => !within(other)) + 1)
      const own = branches.filter(other => other.instancePath === instancePath)
      const unfit = new Set(own.filter(other => other.keyword === 'type').map(branchOf))
      // A list of choices also complains of what is no text at all; other keywords ask for the type first.
      const mute = (other: SchemaError) =>
        other.keyword === 'type' || (other.keyword === 'enum' && unfit.has(branchOf(other)))
      const telling = branches.filter(other => !own.includes(other) || !mute(other))
      kept.push(...(telling.length > 0 ? telling : [error]))
    } else kept.push(error)
  }
  return kept
}

function ofKey(error: SchemaError | undefined, instancePath: string): boolean {
  const fresh = error?.instancePath === instancePath && error.propertyName === undefined
  return fresh && ['pattern', 'not', 'type'].includes(error.keyword)
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
