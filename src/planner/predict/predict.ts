import type { Change } from '../../model/plan.ts'
import type { Attributes, KindName } from '../../model/resource.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import { foretellChain, foretellPolicy } from './firewall.ts'
import { foretellAddress, foretellBridge, foretellNamespace, foretellVeth } from './links.ts'
import { foretellRoute, foretellRule, foretellSysctl } from './routes.ts'

/** What a change makes of a snapshot, in place. `before` null: it is new; `after` null: it goes. */
type Foretell = (snapshot: Snapshot, before: Attributes | null, after: Attributes | null) => void

/** Those that no packet's way depends on are left out. */
const FORETELL: Partial<Record<KindName, Foretell>> = {
  namespace: foretellNamespace as Foretell,
  bridge: foretellBridge as Foretell,
  veth: foretellVeth as Foretell,
  address: foretellAddress as Foretell,
  route: foretellRoute as Foretell,
  rule: foretellRule as Foretell,
  sysctl: foretellSysctl as Foretell,
  policy: foretellPolicy as Foretell,
  chain: foretellChain as Foretell,
}

/**
 * The host as it will be once a plan is carried out, as far as packets are concerned: what goes first, in the reverse of
 * the order in which it came, then what is made.
 */
export function predict(snapshot: Snapshot, changes: readonly Change[]): Snapshot {
  const predicted = structuredClone(snapshot)
  const gone = changes.filter(({ action }) => action === 'delete' || action === 'replace')
  for (const { kind, before } of gone.toReversed()) FORETELL[kind]?.(predicted, before, null)
  for (const { kind, action, before, after } of changes) {
    if (after !== null) FORETELL[kind]?.(predicted, action === 'update' ? before : null, after)
  }
  return predicted
}
