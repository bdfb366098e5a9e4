import type { AuthorHints } from '../../model/host/author-hints.ts'
import type { Change } from '../../model/plan/plan.ts'
import { likelyAuthor } from '../../planner/likely-author.ts'
import type { WatchState } from '../../watch/machine.ts'
import type { Tracked } from '../../watch/tracked.ts'
import type { TopologyObserved, WatcherEvent } from './events.ts'
import type { HostObservation, TopologyObservation } from './observe.ts'
import {
  afterFailedRepair,
  afterObservation,
  afterRepair,
  hasNewCondition,
  hasNewDrift,
  newStanding,
  type Standing,
} from './standing.ts'
import type { Trigger } from './triggers/triggers.ts'

/** How each watched topology is doing; what is new of it is reported. */
export interface Standings {
  observed(observation: HostObservation, round: Round): void
  /** `ms`: how long it took. */
  repaired(name: string, repair: { changes: Change[]; ms: number }): void
  repairFailed(name: string, failure: { why: string; ms: number }): void
  /** One line on all of them. */
  summary(): string
  /** Topologies that are not as their newest text declares, with the reason. */
  troubles(): string[]
}

/** What came with an observation. */
interface Round {
  /** What is known after it. */
  state: WatchState
  tracked: ReadonlyMap<string, Tracked>
  triggers: Trigger[]
  /** Milliseconds that the observation took. */
  ms: number
  /** Reads what hints at the author of a drift; called where there is a new one. */
  readHints(): AuthorHints
}

export function createStandings(onEvent: (event: WatcherEvent) => void): Standings {
  let standings = new Map<string, Standing>()
  const standingOf = (name: string) => standings.get(name) ?? newStanding(now())

  return {
    observed: (observation, round) => {
      const { topologies } = observation
      const rows = topologies.map(one => {
        const before = standingOf(one.observation.name)
        return { one, before, after: standingAfter(before, one, observation, round) }
      })
      standings = new Map(rows.map(({ one, after }) => [one.observation.name, after]))
      const { ms, triggers } = round
      onEvent({ kind: 'observed', ms, triggers, topologies: rows.map(observedOf) })
      for (const row of rows) for (const event of newsIn(row, triggers)) onEvent(event)
    },
    repaired: (topology, { changes, ms }) => {
      const standing = afterRepair(standingOf(topology), changes, now())
      standings.set(topology, standing)
      onEvent({ kind: 'repaired', topology, changes, ms, standing })
    },
    repairFailed: (topology, { why, ms }) => {
      standings.set(topology, afterFailedRepair(standingOf(topology), why))
      onEvent({ kind: 'repairFailed', topology, why, ms })
    },
    summary: () => {
      const others = [...standings].filter(([, { condition }]) => condition.state !== 'converged')
      return others.length > 0
        ? others.map(([name, { condition }]) => `${name}: ${condition.state}`).join('; ')
        : `${standings.size} in sync: ${[...standings.keys()].join(', ') || 'none'}`
    },
    troubles: () =>
      [...standings].flatMap(([name, { condition }]) => {
        const { state, problems } = condition
        return state === 'converged' ? [] : [`${name}: ${state}: ${problems.join('; ')}`]
      }),
  }
}

function now(): string {
  return new Date().toISOString()
}

function standingAfter(
  before: Standing,
  { observation: { name }, changes, isDrift }: TopologyObservation,
  { snapshot }: HostObservation,
  { state, tracked, readHints }: Round,
): Standing {
  const watched = state.topologies.get(name)
  if (!watched) return before
  const findAuthors = () => {
    const hints = readHints()
    return new Map(changes.map(change => [change.id, likelyAuthor(change, changes, snapshot, hints)]))
  }
  const stale = tracked.get(name)?.stale ?? null
  const moment = { now: performance.now(), at: now() }
  return afterObservation(before, { watched, stale, isDrift, findAuthors }, moment)
}

interface Row {
  one: TopologyObservation
  before: Standing
  after: Standing
}

function observedOf({ one, after }: Row): TopologyObserved {
  const { observation, changes, observed, version } = one
  return {
    topology: observation.name,
    standing: after,
    changes,
    objects: [...observed.values()].filter(({ owned }) => owned),
    isInSync: observation.drift.length === 0,
    commit: version?.commit ?? null,
  }
}

/** What is to be reported of a topology: changes that it needs now, and another condition. */
function newsIn({ one, before, after }: Row, triggers: Trigger[]): WatcherEvent[] {
  const topology = one.observation.name
  const news: WatcherEvent[] = []
  if (hasNewDrift(before, after.drift)) {
    const authors = [...after.authors.values()].filter(author => author !== null)
    const drift = one.isDrift ? { likelyAuthors: [...new Set(authors)], triggers } : null
    news.push({ kind: 'changesFound', topology, changes: one.changes, drift })
  }
  if (hasNewCondition(before, after))
    news.push({ kind: 'condition', topology, before: before.condition, condition: after.condition })
  return news
}
