import { requirePrivilege } from '../../kernel/process/privilege.ts'
import { takeLock } from '../../kernel/records/lock.ts'
import { after, nextAction, START, type WatchEvent } from '../../watch/machine.ts'
import type { WatchAccess } from './access.ts'
import type { RepairFailure, WatcherEvent } from './events.ts'
import { type Activity, type Health, trackActivity } from './health.ts'
import { otherWatcherOf } from './records.ts'
import { startFetching } from './source/fetching.ts'
import { openFiles } from './source/files.ts'
import { openRepository } from './source/repository.ts'
import type { RepositoryPlace } from './source/repository-place.ts'
import { appliedFrom, type TopologySource } from './source/source.ts'
import { createStandings, type Standings } from './standings.ts'
import { connectSupervisor, type Supervisor } from './supervisor.ts'
import { createTasks, type Tasks } from './tasks.ts'
import { openEventSources } from './triggers/event-sources.ts'
import { createTriggers, type Triggers } from './triggers/triggers.ts'

export interface WatcherSettings {
  /** A file or a directory, or a place in a config repository. */
  source: { kind: 'files'; path: string } | RepositoryPlace
  /** Seconds between two observations without a trigger, and between two fetches. */
  interval: number
  /** Whether a topology is destroyed that is taken out of the source. */
  prune: boolean
  /** Findings that are known and wanted, as `code:subject`, besides those that the files accept. */
  accept: string[]
  /** Called with what happens. It must not throw. */
  onEvent(event: WatcherEvent): void
  /** Puts a failed repair into words, for events and for `status`. */
  describeFailure(failure: RepairFailure): string
}

export interface Watcher {
  health: Health
  /** Watches until the signal is aborted. */
  run(signal: AbortSignal): Promise<WatchOutcome>
}

type WatchOutcome =
  | { kind: 'stopped' }
  /** Two that watch one topology would undo each other's repairs. */
  | { kind: 'watchedAlready'; topology: string; pid: number; source: string }

/** Keeps the host as a source declares it. Throws NotPermitted. */
export function createWatcher(settings: WatcherSettings, access: WatchAccess): Watcher {
  requirePrivilege()
  let standings: Standings | null = null
  const activity = trackActivity(() => standings?.troubles() ?? [])
  return {
    health: activity,
    run: async signal => {
      const { onEvent, describeFailure, prune } = settings
      const triggers = createTriggers()
      const interval = settings.interval * 1000
      const supervisor = connectSupervisor(access, activity)
      try {
        const source = await openSource(settings, { triggers, interval, signal }, access)
        const other = otherWatcher(source, access.pid)
        if (other) return other
        standings = createStandings({ source: source.name, pid: access.pid, onEvent })
        const eventSources = openEventSources({ source, triggers, interval, onEvent }, access)
        onEvent({ kind: 'watching', source: source.name, interval: settings.interval })
        try {
          const tasks = createTasks(
            {
              ...{ source, interval, prune, triggers, eventSources, standings },
              ...{ signal, onEvent, describeFailure },
            },
            access,
          )
          await loop({ tasks, triggers, activity, supervisor, standings }, signal)
        } finally {
          eventSources.stop()
        }
        return { kind: 'stopped' }
      } finally {
        standings?.close()
        await supervisor.close()
        await tidyRecords(access)
      }
    },
  }
}

interface Loop {
  tasks: Tasks
  triggers: Triggers
  activity: Activity
  supervisor: Supervisor
  standings: Standings
}

/** One thing after the other. The machine says what to do next, and what is known afterwards. */
async function loop(
  { tasks, triggers, activity, supervisor, standings }: Loop,
  signal: AbortSignal,
): Promise<void> {
  let state = START
  const note = (event: WatchEvent) => {
    state = after(state, event, performance.now())
  }
  for (;;) {
    if (signal.aborted) note({ of: 'stop' })
    if (triggers.heard()) note({ of: 'trigger' })
    const action = nextAction(state, performance.now())
    switch (action.do) {
      case 'end':
        return
      case 'observe':
        activity.begin()
        note(await tasks.observe(action.failing, state))
        break
      case 'repair':
        activity.begin()
        note(await tasks.repair(action.name))
        break
      case 'wait':
        activity.rest()
        await supervisor.rests(standings.summary())
        await triggers.until(action.until, signal)
    }
  }
}

async function openSource(
  { source, accept, onEvent }: WatcherSettings,
  fetching: { triggers: Triggers; interval: number; signal: AbortSignal },
  access: WatchAccess,
): Promise<TopologySource> {
  if (source.kind === 'files') return openFiles(source.path, accept, access)
  const repository = await openRepository(source, accept, access)
  await startFetching(repository, { ...fetching, onEvent })
  return repository
}

function otherWatcher(source: TopologySource, pid: number): WatchOutcome | null {
  for (const topology of appliedFrom(source)) {
    const other = otherWatcherOf(topology, pid)
    if (other) return { kind: 'watchedAlready', topology, pid: other.pid, source: other.source }
  }
  return null
}

/** Whoever releases the lock removes what is empty in /run: not while another nsctl holds it. */
async function tidyRecords({ hold }: WatchAccess): Promise<void> {
  try {
    const unlock = await takeLock(hold, 0)
    await unlock()
  } catch {
    // Whoever holds the lock does it.
  }
}
