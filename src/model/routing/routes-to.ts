import { type Cidr, cidr, type Family, firstOf } from '../address.ts'
import type { Route } from '../host/snapshot.ts'

/**
 * Of all routes of a place those to networks that hold an address, whatever their table: the longest prefix first, else as
 * listed. A host with a thousand namespaces has some thousand, and is asked for each packet: they are sorted at the first
 * question, and must not change afterwards.
 */
export function routesTo(routes: readonly Route[], address: Cidr): Route[] {
  const known = indexes.get(routes) ?? indexOf(routes)
  indexes.set(routes, known)
  const levels = known.filter(({ family, prefix }) => family === address.family && prefix <= address.prefix)
  return levels.flatMap(({ prefix, byFirst }) => byFirst.get(firstOf({ ...address, prefix })) ?? [])
}

/** The routes to networks of one size. */
interface Level {
  family: Family
  prefix: number
  byFirst: Map<bigint, Route[]>
}

const indexes = new WeakMap<readonly Route[], Level[]>()

function indexOf(routes: readonly Route[]): Level[] {
  const levels = new Map<string, Level>()
  for (const route of routes) {
    const to = cidr(route.to)
    const { family, prefix } = to
    const level = levels.get(`${family}/${prefix}`) ?? { family, prefix, byFirst: new Map<bigint, Route[]>() }
    levels.set(`${family}/${prefix}`, level)
    const alike = level.byFirst.get(firstOf(to))
    if (alike) alike.push(route)
    else level.byFirst.set(firstOf(to), [route])
  }
  return [...levels.values()].toSorted((a, b) => b.prefix - a.prefix)
}
