import { KINDS } from '../kinds/all.ts'
import { type Kinds, kindOf, type Layer } from '../kinds/kind.ts'
import type { AuthorHints } from '../model/host/author-hints.ts'
import type { Snapshot } from '../model/host/snapshot.ts'
import type { Change } from '../model/plan/plan.ts'

/**
 * Who has likely brought a drift about; null where nothing hints at anybody. `drift` is all of it, since what went
 * together was changed by one hand.
 */
export function likelyAuthor(
  change: Change,
  drift: readonly Change[],
  snapshot: Snapshot,
  evidence: AuthorHints,
  kinds: Kinds = KINDS,
): string | null {
  const kind = kindOf(change.kind, kinds)
  if (kind.likelyAuthor) return kind.likelyAuthor(change, drift, snapshot, evidence)
  const gone = drift.filter(({ action }) => action === 'create').map(other => kindOf(other.kind, kinds).layer)
  return authorByLayer(kind.layer, gone)
}

/** @param gone layers of which something is not there any more */
function authorByLayer(layer: Layer, gone: Layer[]): string | null {
  if (layer === 'host') return null
  if (layer !== 'namespace' && gone.includes('namespace')) return 'it went with its namespace'
  if (layer === 'network' && gone.includes('link')) return 'it went with its link'
  return null
}
