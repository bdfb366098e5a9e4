import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import type { Snapshot } from '../../src/model/host/snapshot.ts'
import type { Json } from '../../src/model/plan/resource.ts'

type Tree = { [key: string]: Json }

/** In place of a value: what the base has under this key or name is not there. */
const GONE = 'gone'

const CASES = fileURLToPath(new URL('.', import.meta.url))

/**
 * The live host of a case: its snapshot.json laid over the snapshot of the case named in `over`, or over
 * base-snapshot.json. No snapshot.json: the base as it is, a fresh host.
 */
export function snapshotOf(name: string): Snapshot {
  return snapshotTree(name) as unknown as Snapshot
}

function snapshotTree(name: string | null): Tree {
  if (name === null) return JSON.parse(readFileSync(`${CASES}/base-snapshot.json`, 'utf8'))
  const { over = null, ...own } = ownPart(name)
  return lay(own, snapshotTree(over as string | null)) as Tree
}

function ownPart(name: string): Tree {
  try {
    return JSON.parse(readFileSync(`${CASES}/${name}/snapshot.json`, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}

/**
 * Lays a part over a base. Objects go key by key; lists whose items all have a `name`, item by item, new ones at the
 * end; the word "gone" takes a key away, `{ "name": …, "gone": true }` an item. Everything else replaces what was there.
 */
function lay(part: Json, base: Json | undefined): Json {
  if (isNamedList(part) && (base === undefined || isNamedList(base))) {
    const left = (base ?? []).filter(
      ({ name }) => !part.some(item => item.name === name && item.gone === true),
    )
    const kept = left.map(item => lay(part.find(({ name }) => name === item.name) ?? {}, item))
    const added = part.filter(({ name, gone }) => gone !== true && !left.some(item => item.name === name))
    return [...kept, ...added]
  }
  if (!isObject(part)) return part
  const from = isObject(base) ? base : {}
  const merged = Object.entries(part).map(([key, value]) => [key, lay(value, from[key])] as const)
  return Object.fromEntries(
    Object.entries({ ...from, ...Object.fromEntries(merged) }).filter(([, value]) => value !== GONE),
  )
}

/** The part that, laid over the base, gives the whole; undefined where nothing differs. */
export function partOf(whole: Json, base: Json | undefined): Json | undefined {
  if (isDeepStrictEqual(whole, base)) return undefined
  if (isNamedList(whole) && isNamedList(base)) {
    const gone = base.filter(({ name }) => !whole.some(item => item.name === name))
    const changed = whole.flatMap(item => {
      const part = partOf(
        item,
        base.find(({ name }) => name === item.name),
      )
      return isObject(part) ? [{ name: item.name as Json, ...part }] : []
    })
    return [...gone.map(({ name }) => ({ name: name as Json, gone: true })), ...changed]
  }
  if (!isObject(whole) || !isObject(base)) return whole
  const gone = Object.keys(base).filter(key => !(key in whole))
  const changed = Object.entries(whole).flatMap(([key, value]) => {
    const part = partOf(value, base[key])
    return part === undefined ? [] : [[key, part] as const]
  })
  return Object.fromEntries([...gone.map(key => [key, GONE] as const), ...changed])
}

function isObject(value: Json | undefined): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNamedList(value: Json | undefined): value is Tree[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(item => isObject(item) && typeof item.name === 'string')
  )
}
