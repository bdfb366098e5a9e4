/**
 * Finds the first item of a list by one of its keys. The list is indexed at the first question, so that asking for each
 * of thousands stays linear; it must not change afterwards.
 */
export function lookup<T extends object>(
  keysOf: (item: T) => string[],
): (list: readonly T[], key: string) => T | undefined {
  const indexes = new WeakMap<readonly T[], Map<string, T>>()
  return (list, key) => {
    const index = indexes.get(list) ?? indexOf(list, keysOf)
    indexes.set(list, index)
    return index.get(key)
  }
}

function indexOf<T>(list: readonly T[], keysOf: (item: T) => string[]): Map<string, T> {
  const index = new Map<string, T>()
  for (const item of list) {
    for (const key of keysOf(item)) if (!index.has(key)) index.set(key, item)
  }
  return index
}

/** In the order in which each key comes first. */
export function groupBy<K, T>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}

/** A map by names from outside: `constructor`, which every other object has, is none of them. */
export function dictionary<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.assign(Object.create(null), Object.fromEntries(entries))
}
