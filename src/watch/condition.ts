import type { WatchedState } from '../model/watch.ts'
import { fightsIn } from './fights.ts'
import type { Watched } from './machine.ts'
import type { Tracked } from './source.ts'

export interface Condition {
  state: WatchedState
  /** Everything that keeps the topology from being as its newest text has it. */
  problems: string[]
}

/** How a topology stands; of several things the one that most needs somebody. `why`: what the last failed repair said. */
export function conditionOf(
  watched: Watched,
  { stale }: Pick<Tracked, 'stale'>,
  why: string | null,
  now: number,
): Condition {
  const { obstacle, failing, drift, ledger } = watched
  const fights = fightsIn(ledger, now)
  const problems: [WatchedState, string][] = [
    ...(failing.wanted.failures + failing.fallback.failures > 0
      ? [['failing', why ?? 'the last repair failed'] as [WatchedState, string]]
      : []),
    ...(obstacle ? [[obstacle.state, obstacle.message] as [WatchedState, string]] : []),
    ...fights.map(({ id, times }): [WatchedState, string] => [
      'fighting',
      `${id} was mended ${times} times in a row, and somebody undoes it`,
    ]),
    ...(stale === null ? [] : [['stale', stale] as [WatchedState, string]]),
  ]
  const [first] = problems
  return {
    state: first?.[0] ?? (drift.length > 0 ? 'drifted' : 'converged'),
    problems: problems.map(([, text]) => text),
  }
}
