import { type Cidr, cidr, formatCidr, networkOf } from '../model/address.ts'
import { sha256 } from '../model/text/sha256.ts'
import type { PortRange } from '../model/topology.ts'
import type { Rule } from './codec/rule.ts'
import { rule } from './match.ts'
import { nameOfChain, type TreeName } from './roles.ts'

/** A rule, and where it belongs in the space that is split. */
export interface Placed<Key> {
  key: Key
  rule: Rule
}

/** A chain that a tree consists of besides its root. */
interface Branch {
  branch: string
  rules: Rule[]
}

export interface Tree {
  root: Rule[]
  branches: Branch[]
}

/** A chain up to this long is walked faster than it is split. */
const LEAF = 24
const WAYS = 16

export interface PortKey {
  protocol: string
  ports: PortRange
}

/**
 * A long list of rules for single ports as a tree over the port space, 16 ways a level, so that connection set-up costs
 * the same for ten thousand forwards as for one. Ranges that lie across a border stay above it.
 */
export function portTree(topology: string, role: TreeName, rules: Placed<PortKey>[]): Tree {
  const branches: Branch[] = []
  const build = (branch: string, range: PortRange, own: Placed<PortKey>[]): Rule[] => {
    const size = (range.last - range.first + 1) / WAYS
    if (own.length <= LEAF || size < 1) return own.map(placed => placed.rule)
    const parts = Array.from({ length: WAYS }, (_, way) => ({
      way: way.toString(WAYS).toUpperCase(),
      range: { first: range.first + way * size, last: range.first + (way + 1) * size - 1 },
    }))
    const within = (part: PortRange, { key }: Placed<PortKey>) =>
      key.ports.first >= part.first && key.ports.last <= part.last
    const above = own.filter(placed => !parts.some(part => within(part.range, placed)))
    const jumps = parts.flatMap(part => {
      const inside = own.filter(placed => within(part.range, placed))
      if (inside.length === 0) return []
      const below = branch + part.way
      branches.push({ branch: below, rules: build(below, part.range, inside) })
      const protocols = [...new Set(inside.map(({ key }) => key.protocol))]
      return protocols.map(protocol =>
        rule({ protocol, ports: part.range }, nameOfChain(topology, role, below)),
      )
    })
    return [...above.map(placed => placed.rule), ...jumps]
  }
  const root = build('', { first: 0, last: 65535 }, rules)
  return { root, branches }
}

/** The same for rules about source networks, split by their leading bits. The rules' order among each other is free. */
export function networkTree(topology: string, role: TreeName, rules: Placed<string>[]): Tree {
  const branches: Branch[] = []
  const names = new Set<string>()
  const build = (length: number, own: Placed<Cidr>[]): Rule[] => {
    const next = length + 4
    const longest = own.reduce((least, { key }) => Math.min(least, key.prefix), 128)
    if (own.length <= LEAF || next > longest) return own.map(placed => placed.rule)
    const groups = new Map<bigint, Placed<Cidr>[]>()
    for (const placed of own) {
      const { address } = networkOf({ ...placed.key, prefix: next })
      const group = groups.get(address)
      if (group) group.push(placed)
      else groups.set(address, [placed])
    }
    // One group: the bits here are the same for all.
    if (groups.size === 1) return build(next, own)
    return [...groups].map(([address, inside]) => {
      const { family } = (inside[0] as Placed<Cidr>).key
      const network = formatCidr({ family, address, prefix: next })
      const below: Branch = { branch: freshName(network, names), rules: [] }
      branches.push(below)
      below.rules = build(next, inside)
      return rule({ source: network }, nameOfChain(topology, role, below.branch))
    })
  }
  const placed = rules.map(({ key, rule: own }) => ({ key: cidr(key), rule: own }))
  return { root: build(0, placed), branches }
}

/** Chain names leave five characters: a hash of the network, so that a network's chain keeps its name in every edit. */
function freshName(network: string, taken: Set<string>): string {
  for (let salt = 0; ; salt++) {
    const hash = BigInt(`0x${sha256(`${network} ${salt}`).slice(0, 14)}`)
    const name = hash.toString(36).toUpperCase().padStart(5, '0').slice(-5)
    if (!taken.has(name)) {
      taken.add(name)
      return name
    }
  }
}
