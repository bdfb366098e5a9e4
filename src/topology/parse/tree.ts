/** Offsets into the text, end exclusive. */
export type Span = [start: number, end: number]

/** A YAML document as plain data in which every key and value knows its place. */
export type Node = ScalarNode | MapNode | ListNode

export interface ScalarNode {
  kind: 'scalar'
  span: Span
  value: string | number | boolean | null
  /** Whether it stands in the file without quotes. */
  plain: boolean
  /** Whether `${…}` was replaced in it, so that offsets into the value mean nothing in the file. */
  interpolated: boolean
}

interface MapNode {
  kind: 'map'
  span: Span
  entries: Map<string, Entry>
}

export interface Entry {
  key: Span
  value: Node
}

interface ListNode {
  kind: 'list'
  span: Span
  items: Node[]
}

export type Path = readonly (string | number)[]

export type Value = string | number | boolean | null | Value[] | { [key: string]: Value }

/** The node at a path, or the nearest one above it that exists. */
export function nodeAt(root: Node, path: Path): Node {
  let node = root
  for (const step of path) {
    const next = childOf(node, step)
    if (!next) return node
    node = next
  }
  return node
}

export function keyAt(root: Node, path: Path): Span | null {
  const parent = nodeAt(root, path.slice(0, -1))
  return parent.kind === 'map' ? (parent.entries.get(String(path.at(-1)))?.key ?? null) : null
}

/** Plain values; maps have no prototype, so that no key can mean more than itself. */
export function plainValue(node: Node): Value {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(plainValue)
  const value: { [key: string]: Value } = Object.create(null)
  for (const [key, entry] of node.entries) value[key] = plainValue(entry.value)
  return value
}

export function childOf(node: Node, step: string | number): Node | undefined {
  if (node.kind === 'map') return node.entries.get(String(step))?.value
  if (node.kind === 'list') return node.items[Number(step)]
  return undefined
}
