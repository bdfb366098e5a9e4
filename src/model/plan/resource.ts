import type { Source } from '../diagnostic.ts'

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

export type Attributes = { [key: string]: Json }

export function withoutAttributes(attributes: Attributes, names: readonly string[]): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)))
}

/** One thing on the host, desired or observed: both readers produce this type, and one diff compares it. */
export interface Resource<A = Attributes> {
  /** Name of its kind: those that there are say so themselves, in src/kinds. */
  kind: string
  /** `kind/namespace-or-host/name…`, unique within a state. */
  id: string
  /** The namespace it is listed under; `host` for the host. */
  scope: string
  /** Complete: create, update and remove need nothing else. A key absent from a desired resource is left as it is. */
  attributes: A
  /** False for what exists but bears no mark of the topology: it may be claimed, never deleted. */
  owned: boolean
  /** Ids of the resources that it goes with when they go. */
  within: string[]
  /** Why it is desired, in the operator's words; the planner says `declared` where there is nothing better. */
  reason: string | null
  source: Source | null
}

/** Everything of one topology, by id. */
export type State = Map<string, Resource>
