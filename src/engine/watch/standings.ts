import { readAuthorHints } from '../../kernel/inspect/author-hints.ts'
import { removeWatch, startTicksOf } from '../../kernel/records/watch-records.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { Change } from '../../model/plan/plan.ts'
import type { WatchRecord } from '../../model/plan/watch.ts'
import { likelyAuthor } from '../../planner/likely-author.ts'
import { type Condition, conditionOf } from '../../watch/condition.ts'
import { fightsIn } from '../../watch/conflicting-changes.ts'
import type { WatchState } from '../../watch/machine.ts'
import type { Tracked } from '../../watch/tracked.ts'
import type { WatcherEvent } from './events.ts'
import type { HostObservation, TopologyObservation } from './observe.ts'
import { keepRecord } from './standing-records.ts'
import type { Trigger } from './triggers/triggers.ts'

/** How each watched topology is doing: reported when it changes, and on record for `status`. */
export interface Standings {
  observed(observation: HostObservation, round: Round): void
  repaired(name: string, changes: Change[]): void
  repairFailed(name: string, why: string): void
  /** One line on all of them. */
  summary(): string
  /** Topologies that are not as their newest text declares, with the reason. */
  troubles(): string[]
  close(): void
}

/** What came with an observation. */
interface Round {
  /** What is known after it. */
  state: WatchState
  tracked: ReadonlyMap<string, Tracked>
  triggers: Trigger[]
  /** The process that changed rules of late, if the kernel has named one. */
  ruleWriter: string | null
  /** Milliseconds that the observation took. */
  ms: number
}

interface Standing {
  condition: Condition
  /** When it came to be in this condition; ISO 8601. */
  since: string
  repairs: number
  /** Why the last repair failed; null where it succeeded. */
  failure: string | null
  /** The drift that was reported last, as text. */
  reported: string
  /** Likely authors of the drift, by the id of a change. */
  authors: Map<string, string | null>
  /** As it was written last. */
  record: WatchRecord | null
}

export interface StandingsOptions {
  source: string
  /** Of the watcher. */
  pid: number
  onEvent(event: WatcherEvent): void
}

export function createStandings({ source, pid, onEvent }: StandingsOptions): Standings {
  const standings = new Map<string, Standing>()
  const watcher = { pid, startTicks: startTicksOf(pid) ?? '', source }

  function standingOf(name: string): Standing {
    const known = standings.get(name) ?? newStanding()
    standings.set(name, known)
    return known
  }

  function forgetUntracked(tracked: ReadonlyMap<string, Tracked>): void {
    for (const name of standings.keys()) {
      if (tracked.has(name)) continue
      standings.delete(name)
      removeWatch(name)
    }
  }

  function observedOne(one: TopologyObservation, snapshot: Snapshot, round: Round, now: number): void {
    const { name } = one.observation
    const watched = round.state.topologies.get(name)
    if (!watched) return
    const standing = standingOf(name)
    noteChanges(one, standing, snapshot, round, onEvent)
    const stale = round.tracked.get(name)?.stale ?? null
    const { failure, authors } = standing
    noteCondition(name, standing, conditionOf(watched, { stale, failure, authors }, now), onEvent)
    const fights = fightsIn(watched.ledger, now).map(({ id, times }) => ({
      ...{ id, times },
      author: authors.get(id) ?? null,
    }))
    const record = {
      ...{ topology: name, ...watcher, commit: one.version?.commit ?? null, ...standing.condition },
      ...{ since: standing.since, checkedAt: new Date().toISOString(), repairs: standing.repairs, fights },
    }
    standing.record = record
    keepRecord(record, onEvent)
  }

  return {
    observed: ({ topologies, snapshot }, round) => {
      const now = performance.now()
      forgetUntracked(round.tracked)
      for (const one of topologies) observedOne(one, snapshot, round, now)
      onEvent({
        kind: 'observed',
        ms: round.ms,
        triggers: round.triggers,
        topologies: topologies.map(({ observation: { name, drift }, changes, observed, version }) => ({
          ...{ topology: name, state: standingOf(name).condition.state, changes },
          objects: [...observed.values()].filter(({ owned }) => owned),
          ...{ isInSync: drift.length === 0, commit: version?.commit ?? null },
        })),
      })
    },
    repaired: (name, changes) => {
      const standing = standingOf(name)
      standing.failure = null
      standing.reported = ''
      if (changes.length > 0) standing.repairs += 1
      if (standing.condition.state === 'drifted') standing.condition = { state: 'converged', problems: [] }
      const { record, condition, repairs } = standing
      if (record === null) return
      standing.record = { ...record, ...condition, repairs }
      keepRecord(standing.record, onEvent)
    },
    repairFailed: (name, why) => {
      standingOf(name).failure = why
    },
    summary: () => {
      const others = [...standings].filter(([, { condition }]) => condition.state !== 'converged')
      if (others.length > 0)
        return others.map(([name, { condition }]) => `${name}: ${condition.state}`).join('; ')
      return `${standings.size} in sync: ${[...standings.keys()].join(', ') || 'none'}`
    },
    troubles: () =>
      [...standings].flatMap(
        ([
          name,
          {
            condition: { state, problems },
          },
        ]) => (state === 'converged' ? [] : [`${name}: ${state}: ${problems.join('; ')}`]),
      ),
    close: () => {
      for (const name of standings.keys()) removeWatch(name)
    },
  }
}

function newStanding(): Standing {
  return {
    condition: { state: 'drifted', problems: [] },
    since: new Date().toISOString(),
    ...{ repairs: 0, failure: null, reported: '', authors: new Map(), record: null },
  }
}

/** Reports changes that are needed once, not at every observation until they are made. */
function noteChanges(
  { observation, changes, isDrift }: TopologyObservation,
  standing: Standing,
  snapshot: Snapshot,
  { triggers, ruleWriter }: Round,
  onEvent: (event: WatcherEvent) => void,
): void {
  const report = observation.drift.join('\n')
  if (report === standing.reported) return
  standing.reported = report
  if (report === '') return
  if (isDrift) standing.authors = authorsOf(changes, snapshot, ruleWriter)
  const authors = [...standing.authors.values()].filter(author => author !== null)
  const drift = isDrift ? { likelyAuthors: [...new Set(authors)], triggers } : null
  onEvent({ kind: 'changesFound', topology: observation.name, changes, drift })
}

function authorsOf(changes: Change[], snapshot: Snapshot, ruleWriter: string | null): Standing['authors'] {
  const evidence = { ...readAuthorHints(), ruleWriter }
  return new Map(changes.map(change => [change.id, likelyAuthor(change, changes, snapshot, evidence)]))
}

function noteCondition(
  topology: string,
  standing: Standing,
  condition: Condition,
  onEvent: (event: WatcherEvent) => void,
): void {
  const before = standing.condition
  if (before.state === condition.state && before.problems.join() === condition.problems.join()) return
  standing.since = new Date().toISOString()
  standing.condition = condition
  onEvent({ kind: 'condition', topology, before, condition })
}
