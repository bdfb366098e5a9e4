import { type Kinds, kindOf } from '../../kinds/kind.ts'
import type { Resource, State } from '../../model/plan/resource.ts'
import type { Difference, Task } from '../diff.ts'
import { followRenames, renamesOf } from './renames.ts'

/**
 * Addresses and routes that the kernel drops along the way: a secondary address with its primary, a route with the
 * last address of its interface or when that goes down to be renamed. Both are put with `replace`, so it does no harm
 * where they are still there.
 */
export function restoredTasks(
  differences: Difference[],
  observed: State,
  desired: State,
  kinds: Kinds,
): Task[] {
  const disturbing = differences
    .map(difference => ({ change: difference.change.id, places: disturbedPlaces(difference, kinds) }))
    .filter(({ places }) => places.length > 0)
  // Hardly ever does any.
  if (disturbing.length === 0) return []
  const changed = new Set(differences.map(({ change }) => change.id))
  const unchanged = [...desired.values(), ...restoredOfOthers(observed, desired, kinds)].filter(
    ({ id }) => !changed.has(id),
  )
  return disturbing.flatMap(({ change, places }) =>
    unchanged
      .filter(resource => places.some(place => isDroppedAt(place, resource, kinds)))
      .flatMap(resource => kindOf(resource.kind, kinds).create(resource))
      .filter(({ stage }) => stage === 'configure')
      .map(operation => ({ operation, change })),
  )
}

function restoredOfOthers(observed: State, desired: State, kinds: Kinds): Resource[] {
  return [...followRenames(observed, desired, kinds).values()].filter(
    ({ kind, owned, id, attributes }) =>
      !owned && !desired.has(id) && kindOf(kind, kinds).onInterface?.restored?.others(attributes),
  )
}

interface InterfacePlace {
  scope: string
  dev: string
}

function disturbedPlaces(
  { change, kind, before, after, goesWith }: Difference,
  kinds: Kinds,
): InterfacePlace[] {
  if (!before || goesWith !== null) return []
  const { onInterface } = kind
  if (change.action === 'delete' && onInterface?.disturbs) {
    return [{ scope: change.scope, dev: onInterface.interfaceOf(before.attributes) ?? '' }]
  }
  if (change.action !== 'update' || !after) return []
  return renamesOf(before, after, kinds).map(({ scope, to }) => ({ scope, dev: to }))
}

/** A route that names no interface may lead through any. */
function isDroppedAt({ scope, dev }: InterfacePlace, resource: Resource, kinds: Kinds): boolean {
  const { onInterface } = kindOf(resource.kind, kinds)
  return (
    onInterface?.restored !== undefined &&
    resource.scope === scope &&
    (onInterface.interfaceOf(resource.attributes) ?? dev) === dev
  )
}
