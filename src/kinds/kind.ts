import type { AuthorHints } from '../model/host/author-hints.ts'
import type { Snapshot } from '../model/host/snapshot.ts'
import type { Change, Operation } from '../model/plan/plan.ts'
import type { Attributes, Resource, State } from '../model/plan/resource.ts'
import { lookup } from '../model/text/lookup.ts'
import type { Topology } from '../model/topology.ts'
import type { LinkPlace } from './link/link-id.ts'
import type { Claimed } from './settings/claim.ts'

/** All there is to know of one kind of thing. Every function is pure; what they return is data. */
export interface Kind<A> {
  /** Its resources' ids begin with it, and a slash. */
  name: string
  layer: Layer

  /** What a topology wants of this kind; the topology is resolved, the snapshot gives facts of the host. */
  desired(topology: Topology, snapshot: Snapshot): Resource<A>[]
  /** What there is of it: the topology's own, and what it may claim or adopt, with `owned: false`. */
  observed(snapshot: Snapshot, topology: string): Resource<A>[]
  /** Attributes that tell an operator, or `remove`, more of what is there, and that nobody can want. */
  observedOnly?: readonly (keyof A & string)[]

  create(resource: Resource<A>): Operation[]
  update(before: Resource<A>, after: Resource<A>, changed: string[]): Operation[]
  remove(resource: Resource<A>): Operation[]
  /** Why a resource cannot be updated in place, or null where it can. Absent: always can. */
  whyReplace?(before: Resource<A>, after: Resource<A>): string | null
  /**
   * Makes a snapshot what it will be after a change, in place. `before` null: it is new; `after` null: it goes. Absent:
   * no packet's way depends on it.
   */
  predict?(snapshot: Snapshot, before: A | null, after: A | null): void

  link?: LinkAspect<A>
  onInterface?: OnInterface<A>
  claims?: Claims<A>
  giveBack?: GiveBack<A>
  deletion?: Deletion<A>

  /** Who has likely changed it behind nsctl's back; `drift` is all that was changed. Absent: as its layer tells. */
  likelyAuthor?(
    change: Change<A>,
    drift: readonly Change[],
    snapshot: Snapshot,
    evidence: AuthorHints,
  ): string | null

  /** Its line in a plan: what it is, and beside it what matters of its attributes. */
  title(attributes: A): string
  detail(attributes: A): string
  /** What differs, a line each, where `name before -> after` of each attribute would not tell an operator enough. */
  differences?(before: A, after: A, changed: string[]): string[]
}

/**
 * Where a kind is in the network. What goes takes along what is in the layers above it: a namespace its links, and a link
 * what is configured on it. `host`: what stands by itself, as rules and files do.
 */
export type Layer = 'namespace' | 'link' | 'network' | 'host'

/** Of a kind whose resources are interfaces; what is on one finds it by `linkId`. */
interface LinkAspect<A> {
  /** The interfaces that one is, in an order that no update changes: only their names may. */
  interfaces(attributes: A): LinkPlace[]
}

/** Of a kind whose resources are on an interface, in their own scope. */
interface OnInterface<A> {
  /** Name of the interface; null where it is on none, or the kernel chooses it. */
  interfaceOf(attributes: A): string | null
  /** The resource under the interface's new name: the kernel keeps what is on an interface that is renamed. */
  renamed(resource: Resource<A>, to: string): Resource<A>
  /**
   * Present where the kernel drops such a resource by itself: with the last address of its interface, with its primary
   * address, or while the interface is down to be renamed. The planner then creates it again, and `create` does no harm
   * where it is still there. Of other owners those are restored for which `others` is true.
   */
  restored?: { others(attributes: A): boolean }
  /** Set where the kernel drops more than the resource itself when that is deleted. */
  disturbs?: true
}

/** Of a kind whose resources may be held by a claim: a record of what was there before, and of who needs it now. */
interface Claims<A> {
  /** The claims that a resource is held by, as observed or as desired. The last topology to need one lets it go. */
  of(resource: Resource<A>): Claimed[]
  /** The value, where the host has one in any case: it goes back to the value before, and is never deleted. */
  value?(attributes: A): string
  /** Set where several topologies may hold the same: no plan rests on which they are. */
  shared?: true
}

/** Of a kind whose resources may outlive their topology: instead of being deleted they are given back. */
interface GiveBack<A> {
  /** What stays of it, and why; null: it is deleted. */
  left(resource: Resource<A>): { attributes: A; reason: string } | null
  /**
   * Whether an update is in force, whoever the resource belongs to now. Absent where giving back changes nothing on the
   * host but a claim.
   */
  inForce?(after: A, snapshot: Snapshot): boolean
}

/** Of a kind whose resources hold more than nsctl has put there. */
interface Deletion<A> {
  /** What is lost with it that no rollback brings back. */
  lost: string
  /** Who is affected, a line each, for the reader of a plan. */
  affected(attributes: A): string[]
  /** What of its contents a saved plan rests on. */
  facts(attributes: A): Attributes
}

/** A kind among others, its attributes opaque: the planner passes them from one function of a kind to another. */
export type AnyKind = Kind<Attributes>

/** All that a planner knows of, in the order in which a plan lists and creates them; it deletes in the reverse order. */
export type Kinds = readonly AnyKind[]

const kindNamed = lookup<AnyKind>(({ name }) => [name])

export function kindOf(name: string, kinds: Kinds): AnyKind {
  const kind = kindNamed(kinds, name)
  if (!kind) throw new Error(`no such kind: ${name}`)
  return kind
}

/** The changes of one kind: their attributes are then known. */
export function changesOf<A>({ name }: Kind<A>, changes: readonly Change[]): Change<A>[] {
  return changes.filter(({ kind }) => kind === name) as Change<unknown>[] as Change<A>[]
}

/** The resources of one kind in a state. */
export function resourcesOf<A>({ name }: Kind<A>, state: State): Resource<A>[] {
  return [...state.values()].filter(({ kind }) => kind === name) as Resource<unknown>[] as Resource<A>[]
}
