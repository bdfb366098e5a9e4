import type { Source } from './diagnostic.ts'

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** The kinds, in the order in which a plan lists them within a namespace. */
export const KIND_NAMES = [
  'namespace',
  'bridge',
  'veth',
  'qdisc',
  'address',
  'route',
  'rule',
  'sysctl',
  'policy',
  'chain',
  'file',
] as const

export type KindName = (typeof KIND_NAMES)[number]

export type Attributes = { [key: string]: Json }

/** One thing on the host, desired or observed: both readers produce this type, and one diff compares it. */
export interface Resource<A = Attributes> {
  kind: KindName
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
