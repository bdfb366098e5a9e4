import { type Kinds, kindOf } from '../../kinds/kind.ts'
import type { Resource, State } from '../../model/plan/resource.ts'
import { groupBy } from '../../model/text/lookup.ts'

/** An interface's names before and after, in the namespace it stays in. */
export interface Rename {
  scope: string
  from: string
  to: string
}

/** The interfaces that get another name by an update. */
export function renamesOf(before: Resource, after: Resource, kinds: Kinds): Rename[] {
  const { link } = kindOf(after.kind, kinds)
  const was = link?.interfaces(before.attributes) ?? []
  return (link?.interfaces(after.attributes) ?? []).flatMap(({ namespace, interface: to }, i) => {
    const from = was[i]
    return from && from.namespace === namespace && from.interface !== to
      ? [{ scope: namespace, from: from.interface, to }]
      : []
  })
}

/** What there is, under the names that interfaces will have: what is on them goes along and is not to be made again. */
export function followRenames(observed: State, desired: State, kinds: Kinds): State {
  const renames = [...desired.values()].flatMap(after => {
    const before = observed.get(after.id)
    if (!before || kindOf(after.kind, kinds).whyReplace?.(before, after) != null) return []
    return renamesOf(before, after, kinds)
  })
  if (renames.length === 0) return observed
  const byScope = groupBy(renames, ({ scope }) => scope)
  const followed = [...observed.values()].map(resource => {
    const { onInterface } = kindOf(resource.kind, kinds)
    const name = onInterface?.interfaceOf(resource.attributes)
    const rename = byScope.get(resource.scope)?.find(({ from }) => from === name)
    return onInterface && rename ? onInterface.renamed(resource, rename.to) : resource
  })
  return new Map(followed.map(resource => [resource.id, resource]))
}
