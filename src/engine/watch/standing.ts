import type { Change } from '../../model/plan/plan.ts'
import type { WatchRecord } from '../../model/plan/watch.ts'
import { type Condition, conditionOf } from '../../watch/condition.ts'
import { fightsIn } from '../../watch/conflicting-changes.ts'
import type { Watched } from '../../watch/machine.ts'

/** How a watched topology is doing. */
export interface Standing {
  condition: Condition
  /** When it came to be in this condition; ISO 8601. */
  since: string
  /** Repairs that changed something, since the watcher was started. */
  repairs: number
  fights: WatchRecord['fights']
  /** Why the last repair failed; null where it did not. */
  failure: string | null
  /** Marks of the changes that are needed, as last observed. */
  drift: readonly string[]
  /** Likely authors of the drift, by the id of a change. */
  authors: ReadonlyMap<string, string | null>
}

/** One moment on two clocks. */
export interface Moment {
  /** Milliseconds, of the clock of the machine's state. */
  now: number
  /** ISO 8601. */
  at: string
}

/** Of a topology that was not watched before. */
export function newStanding(at: string): Standing {
  return {
    condition: { state: 'drifted', problems: [] },
    since: at,
    repairs: 0,
    fights: [],
    failure: null,
    drift: [],
    authors: new Map(),
  }
}

/** What an observation of the host says of one topology. */
export interface Observed {
  watched: Watched
  /** Why the newest version is not what the source has now, or null. */
  stale: string | null
  /** Whether the changes undo what was done from outside. */
  isDrift: boolean
  /** Likely authors of the drift. Called where drift is new: the answer costs a look at every process. */
  findAuthors(): Standing['authors']
}

export function afterObservation(
  before: Standing,
  { watched, stale, isDrift, findAuthors }: Observed,
  { now, at }: Moment,
): Standing {
  const { drift, ledger } = watched
  const authors = isDrift && hasNewDrift(before, drift) ? findAuthors() : before.authors
  const condition = conditionOf(watched, { stale, failure: before.failure, authors }, now)
  const fights = fightsIn(ledger, now).map(({ id, times }) => ({
    id,
    times,
    author: authors.get(id) ?? null,
  }))
  return { ...inCondition(before, condition, at), drift, authors, fights }
}

export function afterRepair(before: Standing, changes: readonly Change[], at: string): Standing {
  // Other problems, such as a source that cannot be read, outlast a repair.
  const condition: Condition =
    before.condition.state === 'drifted' ? { state: 'converged', problems: [] } : before.condition
  const repairs = before.repairs + (changes.length > 0 ? 1 : 0)
  return { ...inCondition(before, condition, at), repairs, failure: null, drift: [] }
}

export function afterFailedRepair(before: Standing, why: string): Standing {
  return { ...before, failure: why }
}

/** Whether changes are needed that were not needed at the observation before: they are reported once. */
export function hasNewDrift(before: Standing, drift: readonly string[]): boolean {
  return drift.length > 0 && drift.join('\n') !== before.drift.join('\n')
}

/** Whether the state is another, or has other reasons. */
export function hasNewCondition({ condition: before }: Standing, { condition }: Standing): boolean {
  return before.state !== condition.state || before.problems.join('\n') !== condition.problems.join('\n')
}

function inCondition(before: Standing, condition: Condition, at: string): Standing {
  const after = { ...before, condition }
  return hasNewCondition(before, after) ? { ...after, since: at } : before
}
