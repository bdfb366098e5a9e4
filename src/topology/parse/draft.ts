import type { TopologyFile } from './file.ts'
import type { Report } from './report.ts'
import { type Node, nodeAt } from './tree.ts'

/** A file of the right shape on its way to a topology. */
export interface Draft {
  file: TopologyFile
  report: Report
  /** Declared names, also of those whose own entry was wrong and is left out. */
  names: { subnets: Set<string>; namespaces: Set<string> }
  /** First keys below which something was left out: what is absent there may only have been mistyped. */
  incomplete: Set<string>
}

export function draftOf(file: TopologyFile, incomplete: Set<string>, root: Node, report: Report): Draft {
  const names = { subnets: keysAt(root, 'subnets'), namespaces: keysAt(root, 'namespaces') }
  return { file, report, names, incomplete }
}

function keysAt(root: Node, key: string): Set<string> {
  const node = nodeAt(root, [key])
  return new Set(node.kind === 'map' && node !== root ? node.entries.keys() : [])
}

/** A list's items with their numbers in the file; what was cut out of it has left a hole. */
export function numbered<T>(list: readonly T[] | undefined): [number, T][] {
  const items: [number, T][] = []
  list?.forEach((item, index) => {
    items.push([index, item])
  })
  return items
}

/** One value or a list of them, as many keys allow. */
export function listed<T>(value: T | readonly T[] | undefined): T[] {
  if (value === undefined) return []
  return Array.isArray(value) ? [...value] : [value as T]
}
