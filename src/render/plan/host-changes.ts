import type { Json } from '../../model/plan/resource.ts'
import type { HostChange } from '../../model/plan/saved-plan.ts'
import { escapeText } from '../../model/text/escape.ts'

/** A list of what has moved: what it is, then each attribute as `before -> now`. Whatever stands in it is only shown. */
export function renderHostChanges(moves: readonly HostChange[]): string {
  return moves
    .flatMap(({ id, before, now }) => linesOf(id, before, now))
    .map(escapeText)
    .join('\n')
}

function linesOf(id: string, before: Json, now: Json): string[] {
  const name = id.replace(/^finding\//, '')
  if (before === null) return [`  ${name}: not there -> ${presence(now)}`]
  if (now === null) return [`  ${name}: ${presence(before)} -> gone`]
  return [`  ${name}`, ...differences('', before, now).map(line => `      ${line}`)]
}

/** A finding is told in its own words. */
function presence(value: Json): string {
  const told = isObject(value) && Array.isArray(value.told) ? value.told[0] : undefined
  return typeof told === 'string' ? told : 'there'
}

function differences(path: string, before: Json | undefined, now: Json | undefined): string[] {
  if (JSON.stringify(before) === JSON.stringify(now)) return []
  if (isObject(before) && isObject(now)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])]
    return keys.flatMap(key => differences(below(path, key), before[key], now[key]))
  }
  if (Array.isArray(before) && Array.isArray(now)) return inLists(path, before, now)
  return [`${path} ${shown(before)} -> ${shown(now)}`]
}

/** Lists of one length are of the same things in the same order, unless they are of mere texts. */
function inLists(path: string, before: Json[], now: Json[]): string[] {
  if (before.length === now.length && [...before, ...now].every(isObject)) {
    return before.flatMap((item, i) => differences(below(path, placeOf(item) ?? String(i)), item, now[i]))
  }
  const [was, is] = [before.map(shown), now.map(shown)]
  const lines = [
    ...was.filter(text => !is.includes(text)).map(text => `${path} - ${text}`),
    ...is.filter(text => !was.includes(text)).map(text => `${path} + ${text}`),
  ]
  return lines.length > 0 ? lines : [`${path}: the same in another order`]
}

/** An end of a pair is known by where it is. */
function placeOf(item: Json): string | null {
  if (!isObject(item) || typeof item.namespace !== 'string' || typeof item.interface !== 'string') return null
  return `${item.namespace}:${item.interface}`
}

function below(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

function shown(value: Json | undefined): string {
  if (value === undefined || value === null || value === '') return 'none'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
