import { chainName, splitChainName } from '../model/ownership.ts'
import type { Stage } from '../model/plan/plan.ts'
import type { Rule } from './codec/rule.ts'

export type TableName = 'raw' | 'mangle' | 'nat' | 'filter'

/** For whom a chain's rules are: packets that come in by an uplink, those of the host and its namespaces, or both. */
export type Audience = 'everybody' | 'outside' | 'inside'

interface Role {
  /** Last part of the chain's name. Of a tree it is the first letter, and the branch follows. */
  suffix: string
  /** Of a tree: how its branches are called. */
  branches?: RegExp
  table: TableName
  /** What is published waits for the links that it leads to; everything else is there before them. */
  stage: Extract<Stage, 'guard' | 'publish'>
  /** Where in a built-in chain the jump to it stands. */
  place: JumpPosition
  audience: Audience
}

/** `first`: nothing but other topologies' jumps before it; `last`: nothing but those after it. */
export type JumpPosition = 'first' | 'last' | 'anywhere'

const PORTS = /^[0-9A-F]+$/
const NETWORKS = /^[0-9A-Z]{5}$/

const guard = { stage: 'guard', place: 'first', audience: 'everybody' } as const
const publish = { table: 'nat', stage: 'publish', place: 'first', audience: 'everybody' } as const

/** All chains that a topology may have. */
export const ROLES = {
  antiSpoofing: { ...guard, suffix: 'RAW', table: 'raw' },
  isolation: { ...guard, suffix: 'GRD', table: 'mangle' },
  segmentSize: { ...guard, suffix: 'MSS', table: 'mangle' },
  markConnections: { ...guard, suffix: 'MRKI', table: 'mangle' },
  markReplies: { ...guard, suffix: 'MRKO', table: 'mangle' },
  sourceNat: { ...guard, suffix: 'POST', table: 'nat' },
  sourceNatTree: { ...guard, suffix: 'S', branches: NETWORKS, table: 'nat' },
  forwarding: { ...guard, suffix: 'FWD', table: 'filter' },
  forwardingTree: { ...guard, suffix: 'B', branches: NETWORKS, table: 'filter' },
  hostAccess: { ...guard, suffix: 'INP', table: 'filter' },
  fence: { ...guard, suffix: 'FENCE', table: 'filter', place: 'last' },
  /** Who may use published ports, and by which of the following chains. */
  entry: { ...publish, suffix: 'PRE', place: 'anywhere' },
  /** Published ports: for everybody, unless there are restricted ones, which makes it the chain of the inside. */
  published: { ...publish, suffix: 'DST', place: 'anywhere' },
  unrestricted: { ...publish, suffix: 'OPN' },
  unrestrictedTree: { ...publish, suffix: 'D', branches: PORTS },
  restrictedOutside: { ...publish, suffix: 'EXT', audience: 'outside' },
  restrictedOutsideTree: { ...publish, suffix: 'E', branches: PORTS, audience: 'outside' },
  restrictedInsideTree: { ...publish, suffix: 'L', branches: PORTS, audience: 'inside' },
} as const satisfies Record<string, Role>

export type RoleName = keyof typeof ROLES

/** Roles of chains that a long list of rules is split into. */
export type TreeName = {
  [R in RoleName]: (typeof ROLES)[R] extends { branches: RegExp } ? R : never
}[RoleName]

/** What there is to know of a chain by its name. */
export interface OwnChain {
  topology: string
  /** Null: a chain that another version of nsctl has made. */
  role: RoleName | null
  /** Of a tree; else empty. */
  branch: string
  stage: Role['stage']
  place: JumpPosition
  audience: Audience
}

/** Null for a chain of others. */
export function ownChain(name: string): OwnChain | null {
  const split = splitChainName(name)
  if (split === null) return null
  const { topology, suffix } = split
  const role = roleOfSuffix(suffix)
  if (role === null) return { ...guard, topology, role, branch: '' }
  const { stage, place, audience } = ROLES[role]
  return { topology, role, branch: suffix.slice(ROLES[role].suffix.length), stage, place, audience }
}

/** For whom a chain is: that of published ports for the inside, where it goes on to those that are not restricted. */
export function audienceOf(name: string, rules: readonly Rule[]): Audience {
  const { role, audience = 'everybody' } = ownChain(name) ?? {}
  if (role !== 'published') return audience
  const goesOn = rules.some(({ target }) => target && ownChain(target.name)?.role === 'unrestricted')
  return goesOn ? 'inside' : audience
}

export function nameOfChain(topology: string, role: RoleName, branch = ''): string {
  return chainName(topology, ROLES[role].suffix + branch)
}

const ALL: [RoleName, Role][] = Object.entries(ROLES) as [RoleName, Role][]
const PLAIN = new Map(ALL.flatMap(([name, { suffix, branches }]) => (branches ? [] : [[suffix, name]])))
const TREES = ALL.filter(([, { branches }]) => branches !== undefined)

function roleOfSuffix(suffix: string): RoleName | null {
  const plain = PLAIN.get(suffix)
  if (plain !== undefined) return plain
  const tree = TREES.find(
    ([, { suffix: letter, branches }]) => suffix.startsWith(letter) && branches?.test(suffix.slice(1)),
  )
  return tree?.[0] ?? null
}
