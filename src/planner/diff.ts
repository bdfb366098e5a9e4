import { isDeepStrictEqual } from 'node:util'
import { KINDS } from '../kinds/all.ts'
import { type AnyKind, type Kinds, kindOf } from '../kinds/kind.ts'
import type { Action, Change, Operation } from '../model/plan/plan.ts'
import {
  type Attributes,
  type Json,
  type Resource,
  type State,
  withoutAttributes,
} from '../model/plan/resource.ts'
import { followRenames } from './steps/renames.ts'

/** A change with the resources it is between, which the steps are made from. */
export interface Difference {
  change: Change
  kind: AnyKind
  before: Resource | null
  after: Resource | null
  /** Id of what it goes with: the kernel removes it together with that, so that nothing is left to do for it. */
  goesWith: string | null
}

/** An operation, and the id of the change it is for. */
export interface Task {
  operation: Operation
  change: string
}

/** What leads from one state to another. */
export function diff(live: State, desired: State, kinds: Kinds = KINDS): Difference[] {
  const observed = followRenames(live, desired, kinds)
  const gone = goneResources(observed, desired, kinds)
  const wanted = [...desired.values()].flatMap(after =>
    difference(kindOf(after.kind, kinds), observed.get(after.id) ?? null, after, gone),
  )
  const unwanted = [...observed.values()]
    .filter(before => before.owned && !desired.has(before.id))
    .flatMap(before => removal(kindOf(before.kind, kinds), before, gone))
  return [...wanted, ...unwanted]
}

/** Ids of what will be deleted or replaced; what lies within goes too. */
function goneResources(observed: State, desired: State, kinds: Kinds): Set<string> {
  const gone = [...observed.values()].filter(before => {
    const after = desired.get(before.id)
    const { whyReplace, giveBack } = kindOf(before.kind, kinds)
    if (after) return whyReplace?.(before, after) != null
    return before.owned && giveBack?.left(before) == null
  })
  return new Set(gone.map(({ id }) => id))
}

function difference(
  kind: AnyKind,
  before: Resource | null,
  after: Resource,
  gone: Set<string>,
): Difference[] {
  const of = (action: Action, reason: string, goesWith: string | null = null): Difference[] => [
    { change: changeOf(kind, action, before, after, reason), kind, before, after, goesWith },
  ]
  if (!before) return of('create', after.reason ?? 'declared')
  const container = before.within.find(id => gone.has(id))
  if (container !== undefined) return of('replace', goesWith(container), container)
  const why = kind.whyReplace?.(before, after) ?? null
  if (why !== null) return of('replace', why)
  if (changedAttributes(before.attributes, after.attributes).length === 0) return []
  return of('update', after.reason ?? (before.owned ? 'differs from the file' : 'declared'))
}

export const NOT_DECLARED = 'not in the file'

function removal(kind: AnyKind, before: Resource, gone: Set<string>): Difference[] {
  const container = before.within.find(id => gone.has(id)) ?? null
  const left = container === null ? kind.giveBack?.left(before) : null
  if (left) {
    const after = { ...before, attributes: left.attributes, owned: false }
    const change = changeOf(kind, 'update', before, after, left.reason)
    return [{ change, kind, before, after, goesWith: null }]
  }
  const reason = container === null ? (before.reason ?? NOT_DECLARED) : goesWith(container)
  const change = changeOf(kind, 'delete', before, null, reason)
  return [{ change, kind, before, after: null, goesWith: container }]
}

/** `goes with veth netns1:veth1`, from an id. */
function goesWith(container: string): string {
  return `goes with ${container.replace('/', ' ').replace('/', ':')}`
}

function changeOf(
  kind: AnyKind,
  action: Action,
  before: Resource | null,
  after: Resource | null,
  reason: string,
): Change {
  const subject = after ?? before
  if (!subject) throw new Error('a change of nothing')
  return {
    action,
    kind: subject.kind,
    id: subject.id,
    scope: subject.scope,
    before: before?.attributes ?? null,
    after: after ? { ...lasting(kind, before), ...after.attributes } : null,
    changed: before && after ? changedAttributes(before.attributes, after.attributes) : [],
    reason,
    source: after?.source ?? null,
  }
}

/** What a kind leaves out of a desired resource stays as it is, except what is true only before. */
function lasting({ observedOnly = [] }: AnyKind, before: Resource | null): Attributes {
  return withoutAttributes(before?.attributes ?? {}, observedOnly)
}

/**
 * Names of the top-level attributes in which a resource is not as desired; keys that the desired one lacks do not
 * count, at any depth.
 */
function changedAttributes(before: Attributes, after: Attributes): string[] {
  return Object.keys(after).filter(key => !satisfies(before[key], after[key]))
}

function satisfies(live: Json | undefined, wanted: Json | undefined): boolean {
  if (wanted === undefined) return true
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(live) &&
      live.length === wanted.length &&
      wanted.every((item, i) => satisfies(live[i], item))
    )
  }
  if (wanted !== null && typeof wanted === 'object') {
    return (
      live !== null &&
      typeof live === 'object' &&
      !Array.isArray(live) &&
      Object.entries(wanted).every(([key, value]) => satisfies(live?.[key], value))
    )
  }
  return isDeepStrictEqual(live, wanted)
}
