import { requirePrivilege } from '../../kernel/process/privilege.ts'
import { takeLock } from '../../kernel/records/lock.ts'
import { after, type MachineEvent, nextAction, START } from '../../watch/machine.ts'
import type { WatchAccess } from './access.ts'
import type { RepairFailure, WatcherEvent } from './events.ts'
import { type Activity, type Health, trackActivity } from './health.ts'
import { otherWatcherOf } from './records.ts'
import { startFetching } from './source/fetching.ts'
import { openFiles } from './source/files.ts'
import { openRepository } from './source/repository.ts'
import type { RepositoryPlace } from './source/repository-place.ts'
import { appliedFrom, type TopologySource } from './source/source.ts'
import { openStandingRecords, type StandingRecords } from './standing-records.ts'
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
  let records: StandingRecords | null = null
  const onEvent = (event: WatcherEvent) => {
    // The records come first: what is in the log is in `status` by then.
    records?.note(event)
    settings.onEvent(event)
  }
  const standings = createStandings(onEvent)
  const activity = trackActivity(standings.troubles)
  const run: Watcher['run'] = async signal => {
    const triggers = createTriggers()
    const supervisor = connectSupervisor(access, activity)
    try {
      const source = await openSource(settings, { triggers, signal }, access)
      const other = otherWatcher(source, access.pid)
      if (other) return other
      records = openStandingRecords({ pid: access.pid, source: source.name }, onEvent)
      const parts = { source, triggers, activity, supervisor, standings, signal }
      await watchSource(parts, { ...settings, onEvent }, access)
      return { kind: 'stopped' }
    } finally {
      records?.close()
      await supervisor.close()
      await tidyRecords(access)
    }
  }
  return { health: activity, run }
}

interface Parts {
  source: TopologySource
  triggers: Triggers
  activity: Activity
  supervisor: Supervisor
  standings: Standings
  signal: AbortSignal
}

async function watchSource(parts: Parts, settings: WatcherSettings, access: WatchAccess): Promise<void> {
  const { source, triggers } = parts
  const { onEvent, describeFailure, prune } = settings
  const interval = settings.interval * 1000
  const eventSources = openEventSources({ source, triggers, interval, onEvent }, access)
  onEvent({ kind: 'watching', source: source.name, interval: settings.interval })
  try {
    const tasks = createTasks({ ...parts, eventSources, interval, prune, onEvent, describeFailure }, access)
    await loop(tasks, parts)
  } finally {
    eventSources.stop()
  }
}

/** One thing after the other. The machine says what to do next, and what is known afterwards. */
async function loop(
  tasks: Tasks,
  { triggers, activity, supervisor, standings, signal }: Parts,
): Promise<void> {
  let state = START
  const note = (event: MachineEvent) => {
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
  { source, accept, interval, onEvent }: WatcherSettings,
  { triggers, signal }: Pick<Parts, 'triggers' | 'signal'>,
  access: WatchAccess,
): Promise<TopologySource> {
  if (source.kind === 'files') return openFiles(source.path, accept, access)
  const repository = await openRepository(source, accept, access)
  await startFetching(repository, { triggers, interval: interval * 1000, signal, onEvent })
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
