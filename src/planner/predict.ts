import { KINDS } from '../kinds/all.ts'
import { type Kinds, kindOf } from '../kinds/kind.ts'
import type { Snapshot } from '../model/host/snapshot.ts'
import type { Change } from '../model/plan/plan.ts'

/**
 * The host as it will be once a plan is applied, as far as packets are concerned: deletions first, in the reverse of the
 * order of creation.
 */
export function predict(snapshot: Snapshot, changes: readonly Change[], kinds: Kinds = KINDS): Snapshot {
  const predicted = structuredClone(snapshot)
  const gone = changes.filter(({ action }) => action === 'delete' || action === 'replace')
  for (const { kind, before } of gone.toReversed()) kindOf(kind, kinds).predict?.(predicted, before, null)
  for (const { kind, action, before, after } of changes) {
    if (after !== null) kindOf(kind, kinds).predict?.(predicted, action === 'update' ? before : null, after)
  }
  return predicted
}
