import { isDeepStrictEqual } from 'node:util'
import { kindOf } from '../kinds/all.ts'
import type { Action, Change } from '../model/plan.ts'
import { type Attributes, type Json, KIND_NAMES, type Resource, type State } from '../model/resource.ts'

/** A change with the resources it is between, which the steps are made from. */
export interface Difference {
  change: Change
  before: Resource | null
  after: Resource | null
  /** Id of what it goes with: the kernel removes it together with that, so that nothing is left to do for it. */
  goesWith: string | null
}

/** What leads from one state to another. Knows nothing of any kind but whether it can be changed in place. */
export function diff(live: State, desired: State): Difference[] {
  const observed = followRenames(live, desired)
  const gone = goneContainers(observed, desired)
  const wanted = [...desired.values()].flatMap(after => {
    const before = observed.get(after.id) ?? null
    return difference(before, after, gone)
  })
  const unwanted = [...observed.values()]
    .filter(before => before.owned && !desired.has(before.id))
    .flatMap(before => removal(before, gone))
  return [...wanted, ...unwanted]
}

/** What there is, under the names that interfaces will have: what is on them goes along and is not to be made again. */
export function followRenames(observed: State, desired: State): State {
  const renames = [...desired.values()].flatMap(after => {
    const { renames, whyReplace } = kindOf(after.kind)
    const before = observed.get(after.id)
    return !before || whyReplace?.(before, after) != null ? [] : (renames?.(before, after) ?? [])
  })
  if (renames.length === 0) return observed
  const followed = [...observed.values()].map(resource => {
    const { renamed } = kindOf(resource.kind)
    const rename = renames.find(one => renamed && renamed(resource, one) !== resource)
    return renamed && rename ? renamed(resource, rename) : resource
  })
  return new Map(followed.map(resource => [resource.id, resource]))
}

/** Ids of namespaces and links that will be deleted or replaced; what lies within them goes too. */
function goneContainers(observed: State, desired: State): Set<string> {
  const gone = [...observed.values()].filter(before => {
    const after = desired.get(before.id)
    if (after) return kindOf(before.kind).whyReplace?.(before, after) != null
    return before.owned && kindOf(before.kind).released?.(before) == null
  })
  return new Set(gone.filter(({ kind }) => CONTAINERS.includes(kind)).map(({ id }) => id))
}

const CONTAINERS = ['namespace', 'bridge', 'veth']

function difference(before: Resource | null, after: Resource, gone: Set<string>): Difference[] {
  const of = (action: Action, reason: string, goesWith: string | null = null): Difference[] => [
    { change: changeOf(action, before, after, reason), before, after, goesWith },
  ]
  if (!before) return of('create', after.reason ?? 'declared')
  const container = before.within.find(id => gone.has(id))
  if (container !== undefined) return of('replace', goesWith(container), container)
  const why = kindOf(after.kind).whyReplace?.(before, after) ?? null
  if (why !== null) return of('replace', why)
  if (changedAttributes(before.attributes, after.attributes).length === 0) return []
  return of('update', after.reason ?? (before.owned ? 'differs from the file' : 'declared'))
}

export const NOT_DECLARED = 'not in the file'

function removal(before: Resource, gone: Set<string>): Difference[] {
  const container = before.within.find(id => gone.has(id)) ?? null
  const released = container === null ? kindOf(before.kind).released?.(before) : null
  if (released) {
    const after = { ...before, attributes: released.attributes, owned: false }
    return [{ change: changeOf('update', before, after, released.reason), before, after, goesWith: null }]
  }
  const reason = container === null ? (before.reason ?? NOT_DECLARED) : goesWith(container)
  return [{ change: changeOf('delete', before, null, reason), before, after: null, goesWith: container }]
}

/** `goes with veth netns1:veth1`, from an id. */
function goesWith(container: string): string {
  return `goes with ${container.replace('/', ' ').replace('/', ':')}`
}

function changeOf(action: Action, before: Resource | null, after: Resource | null, reason: string): Change {
  const subject = after ?? before
  if (!subject) throw new Error('a change of nothing')
  return {
    action,
    kind: subject.kind,
    id: subject.id,
    scope: subject.scope,
    before: before?.attributes ?? null,
    after: after ? merged(before?.attributes ?? {}, after.attributes) : null,
    changed: before && after ? changedAttributes(before.attributes, after.attributes) : [],
    reason,
    source: after?.source ?? null,
  }
}

/** What a kind leaves out of a desired resource stays as it is: the full picture after the change holds it. */
function merged(before: Attributes, after: Attributes): Attributes {
  const { giveBack: _, ...kept } = before
  return { ...kept, ...after }
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

/** The order in which a plan lists and creates; the reverse is the order in which things go. */
export function byKind(a: Difference, b: Difference): number {
  return KIND_NAMES.indexOf(a.change.kind) - KIND_NAMES.indexOf(b.change.kind)
}
