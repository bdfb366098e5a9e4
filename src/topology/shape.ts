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
    cut(error, value, incomplete)
  }
  // Cutting one part can leave another too short or without what it needs; that is no news to the reader.
  for (let round = 0; round < 3; round++) {
    const errors = errorsOf(value)
    if (errors.length === 0) return { file: value as unknown as TopologyFile, incomplete }
    for (const error of errors) cut(error, value, incomplete)
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
 * type. Where none fits, the anyOf itself remains.
 */
function collapse(errors: SchemaError[]): SchemaError[] {
  const kept: SchemaError[] = []
  for (const error of errors) {
    if (error.keyword !== 'anyOf') {
      kept.push(error)
      continue
    }
    const within = (other: SchemaError) =>
      other.instancePath === error.instancePath || other.instancePath.startsWith(`${error.instancePath}/`)
    const start = kept.findLastIndex(other => !within(other)) + 1
    const branches = kept.splice(start)
    const own = (other: SchemaError) => other.keyword === 'type' && other.instancePath === error.instancePath
    const telling = branches.filter(branch => !own(branch))
    kept.push(...(telling.length > 0 ? telling : [error]))
  }
  // A key that breaks a rule is reported by the rule.
  return kept.filter(({ keyword }) => keyword !== 'propertyNames')
}

/** Takes out the entry that is wrong: an unknown key alone, else the map entry or list item that it is part of. */
function cut(
  { instancePath, keyword, params, propertyName }: SchemaError,
  value: Value,
  incomplete: Set<string>,
): void {
  const path = pathOf(instancePath)
  if (keyword === 'additionalProperties') {
    replace(value, [...path, String(params.additionalProperty)], undefined)
    return
  }
  if (propertyName !== undefined) path.push(propertyName)
  if (path.length === 0 && keyword === 'required') path.push(String(params.missingProperty))
  const [first = ''] = path
  incomplete.add(first)
  if (first === 'name') replace(value, path, PLACEHOLDER)
  else replace(value, path.slice(0, 2), undefined)
}

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
