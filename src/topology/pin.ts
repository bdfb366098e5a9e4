import { isMap, isScalar, type Node, parseDocument } from 'yaml'
import { addressOf } from '../model/address.ts'
import type { End, Topology } from '../model/topology.ts'

/** What a pin writes into one end of the file. */
export interface Pinned {
  namespace: string
  interface: string
  addresses: string[]
}

interface Edit {
  start: number
  end: number
  text: string
}

/**
 * Writes the interface names and addresses that were chosen for a topology into its text: only the ends that left a
 * choice are touched, so that comments, order and layout of all else stay as they are. `chosen` is the same topology
 * after the planner has drawn addresses.
 */
export function pinText(
  text: string,
  written: Topology,
  chosen: Topology,
): { text: string; pinned: Pinned[] } {
  const document = parseDocument(text, { merge: false })
  const pinned: Pinned[] = []
  const edits = written.veths.flatMap((veth, index) =>
    veth.ends.flatMap((end, side) => {
      const after = chosen.veths[index]?.ends[side]
      if (!after || !leavesChoice(end)) return []
      const addresses = end.automatic.length === 0 ? [] : after.addresses.map(bare(veth.subnet))
      pinned.push({ namespace: end.namespace, interface: end.interface, addresses })
      const node = document.getIn(['veths', index, 'ends', side], true) as Node
      return editsOf(text, node, end, addresses)
    }),
  )
  return { text: applied(text, edits), pinned }
}

function leavesChoice({ derivedInterface, automatic }: End): boolean {
  return derivedInterface || automatic.length > 0
}

/** On a subnet an address is written without prefix. */
function bare(subnet: string | null): (address: string) => string {
  return address => (subnet === null ? address : addressOf(address))
}

function editsOf(text: string, node: Node, end: End, addresses: string[]): Edit[] {
  const [start = 0, close = 0] = node.range ?? []
  if (isScalar(node)) {
    const source = text.slice(start, close)
    // Quotes, or a variable, are the author's: the namespace is kept as it is written.
    const name = end.derivedInterface ? source : source.slice(0, source.indexOf(':'))
    const quote = /^["']/.exec(source)?.[0] ?? ''
    const namespace = end.derivedInterface || quote === '' ? name : `${name}${quote}`
    if (addresses.length === 0) {
      const open = quote === '' ? source : source.slice(0, -1)
      return [{ start, end: close, text: `${open}:${end.interface}${quote}` }]
    }
    const settings = [
      `namespace: ${namespace}`,
      `interface: ${end.interface}`,
      `address: ${listed(addresses)}`,
    ]
    return [{ start, end: close, text: `{ ${settings.join(', ')} }` }]
  }
  if (!isMap(node)) return []
  const added = [
    ...(end.derivedInterface ? [`interface: ${end.interface}`] : []),
    ...(addresses.length > 0 && !node.has('address') ? [`address: ${listed(addresses)}`] : []),
  ]
  const replaced =
    addresses.length > 0 ? addressEdit(node.get('address', true) as Node | undefined, addresses) : []
  return [...replaced, ...additions(text, node, added)]
}

function addressEdit(node: Node | undefined, addresses: string[]): Edit[] {
  const [start, end] = node?.range ?? []
  return start === undefined || end === undefined ? [] : [{ start, end, text: listed(addresses) }]
}

/** Behind the last key: in the same braces, or on lines of their own as deep as the first. */
function additions(text: string, node: Node & { items: unknown[]; flow?: boolean }, added: string[]): Edit[] {
  if (added.length === 0 || !isMap(node)) return []
  const last = node.items.at(-1)?.value as Node | undefined
  const first = node.items[0]?.key as Node | undefined
  const at = last?.range?.[1]
  const begin = first?.range?.[0]
  if (at === undefined || begin === undefined) return []
  if (node.flow) return [{ start: at, end: at, text: added.map(entry => `, ${entry}`).join('') }]
  const column = begin - (text.lastIndexOf('\n', begin - 1) + 1)
  return [{ start: at, end: at, text: added.map(entry => `\n${' '.repeat(column)}${entry}`).join('') }]
}

function listed(addresses: string[]): string {
  const quoted = addresses.map(address => (address.includes(':') ? `"${address}"` : address))
  return quoted.length === 1 ? (quoted[0] ?? '') : `[${quoted.join(', ')}]`
}

function applied(text: string, edits: Edit[]): string {
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((done, { start, end, text: part }) => done.slice(0, start) + part + done.slice(end), text)
}
