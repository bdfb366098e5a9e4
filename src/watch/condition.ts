import type { WatchedState } from '../model/plan/watch.ts'
import { fightsIn } from './conflicting-changes.ts'
import type { Watched } from './machine.ts'
import type { Tracked } from './tracked.ts'

export interface Condition {
  state: WatchedState
  /** Everything that keeps the topology from being as its newest text has it. */
  problems: string[]
}

/** What else is known of a topology. */
export interface Circumstances extends Pick<Tracked, 'stale'> {
  /** What the last repair that failed said. */
  failure: string | null
  /** Who has likely brought its drift about, by the id of a change. */
  authors: ReadonlyMap<string, string | null>
}

/** The state of a topology; of several problems the one that most needs attention comes first. */
export function conditionOf(
  watched: Watched,
  { stale, failure, authors }: Circumstances,
  now: number,
): Condition {
  const { obstacle, blocked, failing, drift, ledger } = watched
  const fights = fightsIn(ledger, now)
  const problems: [WatchedState, string][] = [
    ...(failing.newest.failures + failing.fallback.failures > 0
      ? [['failing', failure ?? 'the last repair failed'] as [WatchedState, string]]
      : []),
    ...(obstacle ? [[obstacle.state, obstacle.message] as [WatchedState, string]] : []),
    ...(blocked === null ? [] : [['blocked', blocked] as [WatchedState, string]]),
    ...fights.map(({ id, times }): [WatchedState, string] => [
      'fighting',
      `${id} was mended ${times} times in a row, and somebody undoes it${byWhom(authors.get(id))}`,
    ]),
    ...(stale === null ? [] : [['stale', stale] as [WatchedState, string]]),
  ]
  const [first] = problems
  return {
    state: first?.[0] ?? (drift.length > 0 ? 'drifted' : 'converged'),
    problems: problems.map(([, text]) => text),
  }
}

function byWhom(author: string | null | undefined): string {
  return author ? `; likely ${author}` : ''
}
