import type { Rule } from '../firewall/codec/rule.ts'
import type { Source } from '../model/diagnostic.ts'
import type { NetworkStack, Routed, RouteQuestion, RouteRefusal } from '../model/host/network-stack.ts'
import type { NftElement } from '../model/nft/expression.ts'
import type { NftRule, NftSet } from '../model/nft/ruleset.ts'
import type { Connection, Packet } from './packet.ts'
import type { Diversion } from './routing/diversion.ts'

/** The walk is pure: what it needs to know of the host it asks for, and whoever drives it answers. */
export type WalkQuestion =
  | { kind: 'place'; name: string }
  | { kind: 'route'; question: RouteQuestion }
  /** What is in a set or map of nftables; where only one address matters, the elements without that one may be left out. */
  | {
      kind: 'elements'
      place: string
      family: string
      table: string
      set: Pick<NftSet, 'kind' | 'name'>
      address?: string
    }
export type WalkAnswer = NetworkStack | Routed | NftElement[] | null
export type Walking<T> = Generator<WalkQuestion, T, WalkAnswer>

export function* stackNamed(name: string): Walking<NetworkStack | null> {
  return (yield { kind: 'place', name }) as NetworkStack | null
}

/** The kernel's answer; null where it cannot be asked, as of a host that is only planned. */
export function* askRoute(question: RouteQuestion): Walking<Routed | null> {
  return (yield { kind: 'route', question }) as Routed | null
}

/** Null where they are not known. */
export function* elementsNamed(
  place: string,
  { family, name: table }: { family: string; name: string },
  { kind, name }: NftSet,
  address: string | null,
): Walking<NftElement[] | null> {
  const question = { kind: 'elements' as const, place, family, table, set: { kind, name } }
  return (yield address === null ? question : { ...question, address }) as NftElement[] | null
}

/** One thing that happens to the packet on its way. */
export interface Hop {
  place: string
  /** `mangle FORWARD rule 1`, `route`, `socket`… */
  where: string
  /** What is met there: a rule's text, a route. */
  what: string
  /** Null where it is no rule of iptables. */
  rule: Rule | null
  effect: string
  /** What whoever made the rule has written beside it; absent: nothing. */
  comment?: string
  /** Who made the rule; null where there is none. */
  owner: string | null
  source: Source | null
}

/** Why a packet does not get where it should. */
export type WalkFailure =
  | RouteRefusal
  | 'dropped'
  | 'rejected'
  | 'no-listener'
  | 'no-neighbour'
  | 'link-down'
  | 'no-address'
  | 'unreadable'
  | 'loop'
  | 'ignored'
  | 'not-masqueraded'
  | 'answer-astray'

/** How one direction ends. */
export type WalkEnd =
  /** `process` is the listener's; the kernel itself answers ICMP. */
  | { kind: 'delivered'; place: string; port: number | null; process: string | null }
  /** Out of sight: through an interface to what is not on this host. */
  | { kind: 'leaves'; place: string; dev: string; via: string | null }
  | {
      kind: 'failed'
      why: WalkFailure
      place: string
      detail: string
      /** The chain whose rule stopped it; null where none did. */
      chain: string | null
      /** The comment of that rule; absent: none. */
      comment?: string
      owner: string | null
      source: Source | null
      /** Where it was a rule or a policy of nftables' own. */
      native?: NativeStop
      /** What sent it, or the answer to it, another way than the main table would. */
      diversion?: Diversion
    }

/** What of nftables stopped a packet, and the packet as it was there. */
export interface NativeStop {
  family: string
  table: string
  chain: string
  hook: string
  /** Null for the policy of a chain. */
  rule: NftRule | null
  input: string | null
  output: string | null
  packet: Packet
}

/** Something that cannot be evaluated, and on which more or less depends. */
export interface Unknown {
  key: string
  /** `-m string …, in filter FORWARD rule 3 (somebody)`. */
  text: string
}

/** What a walk carries along. */
export interface Course {
  steps: Hop[]
  /** Unknowns in the order they were met. */
  unknowns: Unknown[]
  /** What is taken for true, by key; an unknown that is not in it is taken for false. */
  assumed: ReadonlyMap<string, boolean>
  connections: Map<string, Connection[]>
  /** The link by which a packet from outside came in: what leaves there is out of sight again. */
  edge: { place: string; dev: string } | null
  /** Place in a topology file of a rule of ours, where known. */
  sourceOf(topology: string, rule: Rule): Source | null
}

/** Whether an unknown is taken for true in this walk; notes that it was met. */
export function supposed(course: Course, key: string, text: string): boolean {
  if (!course.unknowns.some(unknown => unknown.key === key)) course.unknowns.push({ key, text })
  return course.assumed.get(key) ?? false
}
