import type { ApplyOutcome, DestroyOutcome } from '../../model/plan/outcome.ts'
import type { Change } from '../../model/plan/plan.ts'
import type { Resource } from '../../model/plan/resource.ts'
import type { Condition } from '../../watch/condition.ts'
import type { EngineEvent } from '../host/events.ts'
import type { Standing } from './standing.ts'
import type { Trigger } from './triggers/triggers.ts'

/** What happens while a host is watched; plain data. */
export type WatcherEvent =
  /** `interval`: seconds between two observations without a trigger. */
  | { kind: 'watching'; source: string; interval: number }
  /** `unreachable`: why the repository could not be fetched, or null. */
  | { kind: 'fetched'; unreachable: string | null }
  /** Nothing, or not all, can be read from the source; once for each reason. */
  | { kind: 'sourceUnusable'; source: string; why: string }
  | { kind: 'hostUnreadable'; why: string }
  /** After each observation of the host. */
  | { kind: 'observed'; ms: number; triggers: Trigger[]; topologies: TopologyObserved[] }
  /** A topology needs changes that it did not need at the observation before. */
  | { kind: 'changesFound'; topology: string; changes: Change[]; drift: Drift | null }
  /** The state of a topology is another, or has other reasons. */
  | { kind: 'condition'; topology: string; before: Condition; condition: Condition }
  | { kind: 'repaired'; topology: string; changes: Change[]; ms: number; standing: Standing }
  | { kind: 'repairFailed'; topology: string; why: string; ms: number }
  | { kind: 'waitingForLock'; topology: string; holder: string }
  /** Events of the kernel may be missed from now on: what they would tell of is polled. */
  | { kind: 'notListening'; why: string }
  | { kind: 'listeningAgain' }
  /** Events within this namespace cannot be heard. */
  | { kind: 'namespaceNotHeard'; namespace: string; error: unknown }
  | { kind: 'recordNotWritten'; topology: string; error: unknown }

export interface TopologyObserved {
  topology: string
  standing: Standing
  changes: Change[]
  /** What it owns on the host. */
  objects: Resource[]
  isInSync: boolean
  /** The commit in force, or null. */
  commit: string | null
}

/** Changes that undo what was done to the host from outside: the text is the one that was applied. */
interface Drift {
  likelyAuthors: string[]
  triggers: Trigger[]
}

/** Why a repair failed, with what happened until then. */
export type RepairFailure = { events: EngineEvent[] } & (
  | { kind: 'outcome'; outcome: ApplyOutcome | DestroyOutcome }
  /** The plan under the lock must not be applied without a person having seen it. */
  | { kind: 'objection'; topology: string; message: string }
  | { kind: 'error'; error: unknown }
)
