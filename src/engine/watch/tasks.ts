import { readAuthorHints } from '../../kernel/inspect/author-hints.ts'
import { messageOf } from '../../model/text/escape.ts'
import { rootsOf } from '../../planner/roots.ts'
import { markOfChange } from '../../watch/conflicting-changes.ts'
import { after, type MachineEvent, type Observation, type WatchState } from '../../watch/machine.ts'
import { type Reading, type Tracked, tracked } from '../../watch/tracked.ts'
import type { WatchAccess } from './access.ts'
import type { RepairFailure, WatcherEvent } from './events.ts'
import { observe, type TopologyObservation } from './observe.ts'
import { repair } from './repair.ts'
import { appliedFrom, type TopologySource } from './source/source.ts'
import type { Standings } from './standings.ts'
import type { EventSources } from './triggers/event-sources.ts'
import type { Triggers } from './triggers/triggers.ts'

/** What a watcher does; each returns what came of it, and throws nothing. */
export interface Tasks {
  /** Reads the source and the host; `failing` versions are not tried. `state` is what was known before. */
  observe(failing: ReadonlyMap<string, string>, state: WatchState): Promise<MachineEvent>
  /** Repairs what the last observation found of a topology. */
  repair(name: string): Promise<MachineEvent>
}

export interface TaskOptions {
  source: TopologySource
  /** Milliseconds. */
  interval: number
  prune: boolean
  triggers: Triggers
  eventSources: EventSources
  standings: Standings
  /** Aborted when the watcher is to stop. */
  signal: AbortSignal
  onEvent(event: WatcherEvent): void
  describeFailure(failure: RepairFailure): string
}

export function createTasks(options: TaskOptions, access: WatchAccess): Tasks {
  const { source, interval, prune, triggers, eventSources, standings, signal, onEvent } = options
  const { isWhole } = source
  let topologies = new Map<string, Tracked>()
  let observed = new Map<string, TopologyObservation>()
  let uplinks: string[] = []
  const reportSource = sourceReporter(source, onEvent)

  /** What was applied and verified is what stays in force should the next text be wrong. */
  const noteGood = (name: string) => {
    const known = topologies.get(name)
    if (known?.newest) topologies.set(name, { ...known, lastGood: known.newest })
  }

  return {
    observe: async (failing, state) => {
      const startedAt = performance.now()
      const causes = [...triggers.take()]
      try {
        const unit = { recorded: appliedFrom(source), prune }
        const reading = await source.read()
        reportSource(reading)
        topologies = tracked(topologies, reading, unit)
        const observation = await observe({ tracked: topologies, failing, uplinks, isWhole }, access)
        uplinks = observation.uplinks
        observed = new Map(observation.topologies.map(one => [one.observation.name, one]))
        const found = observation.topologies.map(one => one.observation)
        for (const { name } of found.filter(isGood)) noteGood(name)
        const event: MachineEvent = { of: 'observed', startedAt, interval, chance: Math.random(), found }
        const now = performance.now()
        standings.observed(observation, {
          state: after(state, event, now),
          tracked: topologies,
          triggers: causes,
          ms: now - startedAt,
          readHints: () => ({ ...readAuthorHints(), ruleWriter: eventSources.ruleWriter() }),
        })
        await eventSources.follow(observation)
        return event
      } catch (error) {
        onEvent({ kind: 'hostUnreadable', why: messageOf(error) })
        return { of: 'observation failed', startedAt, chance: Math.random() }
      }
    },

    repair: async name => {
      const one = observed.get(name)
      if (!one) return { of: 'repaired', name, undone: [] }
      const startedAt = performance.now()
      const onWaiting = (holder: string) => onEvent({ kind: 'waitingForLock', topology: name, holder })
      eventSources.setRepairing(true)
      const settings = { source: source.name, uplinks, isWhole, signal, onWaiting }
      const outcome = await repair(one, settings, access)
      eventSources.setRepairing(false)
      switch (outcome.kind) {
        case 'hindered':
          triggers.raise('records')
          return { of: 'repaired', name, undone: [] }
        case 'repaired': {
          const { changes, ms } = outcome
          standings.repaired(name, { changes, ms })
          if (!one.observation.fallback) noteGood(name)
          const undone = one.isDrift ? rootsOf(one.changes).map(markOfChange) : []
          return { of: 'repaired', name, undone }
        }
        case 'failed': {
          // A repair that was interrupted to stop the watcher has not failed.
          if (!signal.aborted) {
            const why = options.describeFailure(outcome.failure)
            standings.repairFailed(name, { why, ms: performance.now() - startedAt })
          }
          return { of: 'repair failed', name, chance: Math.random() }
        }
      }
    },
  }
}

function isGood({ drift, fallback, blocked, version }: Observation): boolean {
  return drift.length === 0 && !fallback && blocked === null && version !== 'removed'
}

/** Reports what is wrong with the source, once for each reason. */
function sourceReporter(
  { name }: TopologySource,
  onEvent: (event: WatcherEvent) => void,
): (reading: Reading) => void {
  let reported = ''
  return ({ problem, broken }) => {
    const why = [problem, ...broken.map(one => `${one.file}: ${one.why}`)].filter(Boolean).join('; ')
    if (why !== reported && why !== '') onEvent({ kind: 'sourceUnusable', source: name, why })
    reported = why
  }
}
