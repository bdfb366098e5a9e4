import type { Operation } from '../model/plan.ts'
import type { Attributes, KindName, Resource } from '../model/resource.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Topology } from '../model/topology.ts'

/** All there is to know of one kind of thing. Every function is pure; what they return is data. */
export interface Kind<A> {
  name: KindName
  /** Values that are not on own objects: a claim on disk says what they were, and who else needs them by now. */
  claimed?: true
  /** Attributes that tell an operator, or `remove`, more of what is there, and that nobody can want. */
  observedOnly?: readonly (keyof A & string)[]
  /** What a topology wants of this kind; the topology is resolved, the snapshot gives facts of the host. */
  desired(topology: Topology, snapshot: Snapshot): Resource<A>[]
  /** What there is of it: the topology's own, and what it may claim or adopt, with `owned: false`. */
  observed(snapshot: Snapshot, topology: string): Resource<A>[]
  create(resource: Resource<A>): Operation[]
  update(before: Resource<A>, after: Resource<A>, changed: string[]): Operation[]
  /** Why a difference cannot be mended in place, or null where it can. Absent: always can. */
  whyReplace?(before: Resource<A>, after: Resource<A>): string | null
  remove(resource: Resource<A>): Operation[]
  /** Interfaces that get another name by an update. */
  renames?(before: Resource<A>, after: Resource<A>): Rename[]
  /** For what is on an interface: itself under the interface's new name, to which the kernel carries it along. */
  renamed?(resource: Resource<A>, rename: Rename): Resource<A>
  /** For what outlives its owner: what stays once it is given back, and why. Null: it is deleted. */
  released?(resource: Resource<A>): { attributes: A; reason: string } | null
  /**
   * Whether an update has come to pass, as far as its being the topology's goes, or its value; whoever it belongs to now:
   * what was given back is not observed any more. Absent: that is seen of what is observed.
   */
  inForce?(after: A, snapshot: Snapshot): boolean
  /** What else goes when it is deleted, and no rollback brings back. */
  lost?: string
  /** Its line in a plan: what it is, and beside it what matters of its attributes. */
  title(attributes: A): string
  detail(attributes: A): string
  /** What differs, a line each, where `name before -> after` of each attribute would not tell an operator enough. */
  differences?(before: A, after: A, changed: string[]): string[]
}

/** An interface's names before and after, in the namespace it stays in. */
interface Rename {
  scope: string
  from: string
  to: string
}

/** A kind among others, its attributes opaque: the planner passes them from one function of a kind to another. */
export type AnyKind = Kind<Attributes>
