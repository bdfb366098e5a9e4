import { readEvidence } from '../../kernel/read-evidence.ts'
import { removeWatch, startTicksOf, writeWatch } from '../../kernel/watch-records.ts'
import type { Change } from '../../model/plan.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import type { WatchRecord } from '../../model/watch.ts'
import { likelyAuthor } from '../../planner/author.ts'
import { type Condition, conditionOf } from '../../watch/condition.ts'
import { fightsIn } from '../../watch/fights.ts'
import type { WatchState } from '../../watch/machine.ts'
import type { Reading, Tracked } from '../../watch/source.ts'
import type { Context } from '../context.ts'
import type { Glance, Seen } from './look.ts'
import type { Metrics } from './metrics.ts'
import type { Repaired } from './repair.ts'

/** Tells of everything that happens: in the log, in /run/nsctl, in the metrics. */
export interface Report {
  /** Why the source as a whole tells nothing now, or null; where that is news. */
  source(reading: Reading): void
  looked(glance: Glance, state: WatchState, tracked: ReadonlyMap<string, Tracked>, pass: Pass): void
  repaired(name: string, repaired: Repaired): void
  failed(name: string, why: string, ms: number): void
  /** One line on how all stands. */
  summary(): string
  /** Topologies that are not as their newest text has them, with the reason. */
  troubled(): string[]
  close(): void
}

/** One look and how it came about. */
interface Pass {
  alarms: ReadonlySet<string>
  ms: number
  now: number
  ruleWriter: string | null
}

interface Account {
  condition: Condition
  since: string
  repairs: number
  failure: string | null
  drift: string
  authors: Map<string, string | null>
  /** As it was written last. */
  record: WatchRecord | null
}

const TOLD = 20

export function openReport(source: string, metrics: Metrics | null, { logger, pid }: Context): Report {
  const accounts = new Map<string, Account>()
  const startTicks = startTicksOf(pid) ?? ''

  const account = (name: string): Account => {
    const known = accounts.get(name) ?? {
      condition: { state: 'drifted', problems: [] },
      since: new Date().toISOString(),
      repairs: 0,
      failure: null,
      drift: '',
      authors: new Map(),
      record: null,
    }
    accounts.set(name, known)
    return known
  }

  const tellChanges = ({ look: { name, drift }, changes, isDrift }: Seen, snapshot: Snapshot, pass: Pass) => {
    const own = account(name)
    const key = drift.join('\n')
    if (key === own.drift) return
    own.drift = key
    if (key === '') return
    const told = { topology: name, changes: changes.slice(0, TOLD).map(described), count: changes.length }
    metrics?.found(name, byKind(changes))
    if (!isDrift) return logger.info(told, `${name}: changes to make`)
    const evidence = { ...readEvidence(), ruleWriter: pass.ruleWriter }
    own.authors = new Map(
      changes.map(change => [change.id, likelyAuthor(change, changes, snapshot, evidence)]),
    )
    const likelyAuthors = [...new Set([...own.authors.values()].filter(author => author !== null))]
    logger.warn({ ...told, likelyAuthors, alarms: [...pass.alarms] }, `${name}: drift`)
  }

  const tellCondition = (name: string, condition: Condition) => {
    const own = account(name)
    const before = own.condition
    if (before.state === condition.state && before.problems.join() === condition.problems.join()) return
    own.since = new Date().toISOString()
    own.condition = condition
    const { state, problems } = condition
    if (problems.length > 0) logger.warn({ topology: name, state, problems }, `${name}: ${state}`)
    else if (before.problems.length > 0) logger.info({ topology: name, state }, `${name}: ${state} again`)
  }

  let trouble = ''
  return {
    source: ({ problem, broken }) => {
      const why = [problem, ...broken.map(one => `${one.file}: ${one.why}`)].filter(Boolean).join('; ')
      if (why !== trouble && why !== '') logger.warn({ source, why }, 'the source cannot be used')
      trouble = why
    },
    looked: ({ seen, snapshot }, state, tracked, pass) => {
      for (const name of accounts.keys()) {
        if (!tracked.has(name)) {
          accounts.delete(name)
          removeWatch(name)
        }
      }
      for (const one of seen) {
        const { name } = one.look
        const watched = state.topologies.get(name)
        const { stale } = tracked.get(name) ?? { stale: null }
        if (!watched) continue
        tellChanges(one, snapshot, pass)
        const own = account(name)
        tellCondition(
          name,
          conditionOf(watched, { stale, failure: own.failure, authors: own.authors }, pass.now),
        )
        const fights = fightsIn(watched.ledger, pass.now).map(({ id, times }) => ({
          id,
          times,
          author: own.authors.get(id) ?? null,
        }))
        keep({
          topology: name,
          pid,
          startTicks,
          source,
          commit: one.version?.commit ?? null,
          ...own.condition,
          since: own.since,
          checkedAt: new Date().toISOString(),
          repairs: own.repairs,
          fights,
        })
      }
      metrics?.looked(
        pass.ms / 1000,
        pass.alarms,
        seen.map(({ look, observed, changes, version }) => ({
          topology: look.name,
          state: account(look.name).condition.state,
          inSync: look.drift.length === 0,
          drift: byKind(changes),
          objects: byKind([...observed.values()].filter(({ owned }) => owned)),
          commit: version?.commit ?? null,
        })),
      )
    },
    repaired: (name, { changes, ms }) => {
      const own = account(name)
      own.failure = null
      own.drift = ''
      if (changes.length > 0) own.repairs += 1
      if (own.condition.state === 'drifted') own.condition = { state: 'converged', problems: [] }
      if (own.record) keep({ ...own.record, ...own.condition, repairs: own.repairs })
      const fields = { topology: name, changes: changes.slice(0, TOLD).map(described), count: changes.length }
      logger.info({ ...fields, ms: Math.round(ms) }, `${name}: converged`)
      metrics?.repaired(name, ms / 1000, byKind(changes))
    },
    failed: (name, why, ms) => {
      account(name).failure = why
      logger.error({ topology: name, why, ms: Math.round(ms) }, `${name}: could not be converged`)
      metrics?.repairFailed(name, ms / 1000)
    },
    summary: () => {
      const troubled = [...accounts].filter(([, { condition }]) => condition.state !== 'converged')
      if (troubled.length === 0)
        return `${accounts.size} in sync: ${[...accounts.keys()].join(', ') || 'none'}`
      return troubled.map(([name, { condition }]) => `${name}: ${condition.state}`).join('; ')
    },
    troubled: () =>
      [...accounts].flatMap(
        ([
          name,
          {
            condition: { state, problems },
          },
        ]) => (state === 'converged' ? [] : [`${name}: ${state}: ${problems.join('; ')}`]),
      ),
    close: () => {
      for (const name of accounts.keys()) removeWatch(name)
    },
  }

  function keep(record: WatchRecord): void {
    account(record.topology).record = record
    try {
      writeWatch(record)
    } catch {
      // Whoever held the lock took the half-written file for somebody's who was killed.
      try {
        writeWatch(record)
      } catch (error) {
        logger.warn({ err: error }, 'the record in /run/nsctl cannot be written')
      }
    }
  }
}

function described({ action, id }: Change): string {
  return `${action} ${id}`
}

function byKind(list: readonly { kind: string }[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind } of list) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
