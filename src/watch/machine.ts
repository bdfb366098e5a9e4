import { type Backoff, backedOff, NO_BACKOFF } from './backoff.ts'
import { heldUntil, type Ledger, NO_LEDGER, noteRepair } from './conflicting-changes.ts'

/** Why a topology is not repaired although there is drift. */
export interface Obstacle {
  state: 'suspended' | 'pending'
  message: string
}

/** What was observed of one topology. */
export interface Observation {
  name: string
  /** Which text of it is the newest. */
  version: string
  /** Whether it was compared with the last version that worked: the newest is known to fail, or is refused. */
  fallback: boolean
  /** Marks of the changes that are needed; none: the host is as declared. */
  drift: readonly string[]
  obstacle: Obstacle | null
  /** Why the newest version cannot, or must not, be applied, or null. */
  blocked: string | null
}

export interface Watched extends Omit<Observation, 'name'> {
  /** Of the newest version, and of the one before. */
  failing: { newest: Backoff; fallback: Backoff }
  ledger: Ledger
}

/** All that the watcher knows. Times in milliseconds, of a monotonic clock. */
export interface WatchState {
  stopping: boolean
  /** Something may have changed: since when, and when that was last heard. */
  trigger: { first: number; last: number } | null
  /** When the host is observed next without any trigger. */
  routine: number
  /** The last observation: how long it took, and when it ended. */
  last: { cost: number; endedAt: number; failing: Backoff }
  topologies: ReadonlyMap<string, Watched>
  /** Topologies with drift that may be repaired now. */
  due: readonly string[]
}

export type MachineEvent =
  /** The files, the kernel, a record or the config repo may have changed. */
  | { of: 'trigger' }
  | { of: 'stop' }
  /** `chance` in [0, 1) spreads the observations of many hosts that were started at once. */
  | { of: 'observed'; startedAt: number; interval: number; chance: number; found: readonly Observation[] }
  | { of: 'observation failed'; startedAt: number; chance: number }
  /** `undone`: marks of the changes that undid what was changed from outside. */
  | { of: 'repaired'; name: string; undone: readonly string[] }
  | { of: 'repair failed'; name: string; chance: number }

export type WatchAction =
  /** `failing`: versions not to be tried now, by topology. */
  | { do: 'observe'; failing: ReadonlyMap<string, string> }
  | { do: 'repair'; name: string }
  | { do: 'wait'; until: number }
  | { do: 'end' }

export const START: WatchState = {
  stopping: false,
  trigger: null,
  routine: 0,
  last: { cost: 0, endedAt: Number.NEGATIVE_INFINITY, failing: NO_BACKOFF },
  topologies: new Map(),
  due: [],
}

/** An editor, Docker or a boot changes several things in a row: they are observed together. */
const QUIET = 100
const LONGEST_UNREST = 500
/** A watcher spends a fifth of its time observing, however busy the host; but drift is found within seconds. */
const REST_PER_COST = 4
const LONGEST_REST = 3_000

/** What to do now. */
export function nextAction(state: WatchState, now: number): WatchAction {
  if (state.stopping) return { do: 'end' }
  const [name] = state.due
  if (name !== undefined) return { do: 'repair', name }
  const until = nextObservation(state)
  return until > now ? { do: 'wait', until } : { do: 'observe', failing: failingVersions(state, now) }
}

/** What is known after an event. */
export function after(state: WatchState, event: MachineEvent, now: number): WatchState {
  switch (event.of) {
    case 'stop':
      return { ...state, stopping: true }
    case 'trigger':
      return triggered(state, now)
    case 'observed':
      return observed(state, event, now)
    case 'observation failed': {
      const failing = backedOff(state.last.failing, now, event.chance)
      const last = { cost: now - event.startedAt, endedAt: now, failing }
      return { ...state, last, routine: failing.retryAt, due: [] }
    }
    case 'repaired':
      return changed(settled(state, event.name), event.name, watched => ({
        ...watched,
        drift: [],
        ledger: noteRepair(watched.ledger, event.undone, now),
        failing: { ...watched.failing, [watched.fallback ? 'fallback' : 'newest']: NO_BACKOFF },
      }))
    case 'repair failed': {
      const which = state.topologies.get(event.name)?.fallback ? 'fallback' : 'newest'
      const next = changed(settled(state, event.name), event.name, watched => ({
        ...watched,
        failing: { ...watched.failing, [which]: backedOff(watched.failing[which], now, event.chance) },
      }))
      // The last version that worked is kept meanwhile.
      return triggered(next, now)
    }
  }
}

function observed(
  state: WatchState,
  { startedAt, interval, chance, found }: Extract<MachineEvent, { of: 'observed' }>,
  now: number,
): WatchState {
  const topologies = new Map(found.map(one => [one.name, watchedAfter(state.topologies.get(one.name), one)]))
  return {
    ...state,
    // What changed during the observation may have come too late for it.
    trigger:
      state.trigger && state.trigger.last >= startedAt ? { first: now, last: state.trigger.last } : null,
    routine: now + interval * (0.9 + 0.2 * chance),
    last: { cost: now - startedAt, endedAt: now, failing: NO_BACKOFF },
    topologies,
    due: [...topologies].filter(([, watched]) => mayRepairAt(watched) <= now).map(([name]) => name),
  }
}

function watchedAfter(before: Watched | undefined, { name: _, ...found }: Observation): Watched {
  const known = before?.version === found.version
  const works = !found.fallback && found.drift.length === 0 && found.blocked === null
  return {
    ...found,
    ledger: before?.ledger ?? NO_LEDGER,
    // Another text deserves to be tried at once.
    failing: {
      newest: (known && !works && before?.failing.newest) || NO_BACKOFF,
      fallback: before?.failing.fallback ?? NO_BACKOFF,
    },
  }
}

/** Infinity where there is nothing to do, or an obstacle: its removal is a trigger. */
function mayRepairAt({ drift, obstacle, blocked, fallback, failing, ledger }: Watched): number {
  if (drift.length === 0 || obstacle !== null || (blocked !== null && !fallback))
    return Number.POSITIVE_INFINITY
  return Math.max(failing[fallback ? 'fallback' : 'newest'].retryAt, heldUntil(ledger, drift))
}

function nextObservation({ routine, trigger, last, topologies }: WatchState): number {
  const retries = [...topologies.values()].flatMap(watched => [
    mayRepairAt(watched),
    ...(watched.failing.newest.failures > 0 ? [watched.failing.newest.retryAt] : []),
  ])
  // A retry that was due at the last observation has had its turn.
  const soonest = Math.min(routine, ...retries.filter(at => at > last.endedAt))
  if (trigger === null) return soonest
  const calm = Math.min(trigger.last + QUIET, trigger.first + LONGEST_UNREST)
  const rested = last.endedAt + Math.min(last.cost * REST_PER_COST, LONGEST_REST)
  return Math.min(soonest, Math.max(calm, rested, last.failing.retryAt))
}

function failingVersions({ topologies }: WatchState, now: number): Map<string, string> {
  return new Map(
    [...topologies].flatMap(([name, { version, failing }]) =>
      failing.newest.failures > 0 && failing.newest.retryAt > now ? [[name, version]] : [],
    ),
  )
}

function triggered(state: WatchState, now: number): WatchState {
  return { ...state, trigger: { first: state.trigger?.first ?? now, last: now } }
}

function settled(state: WatchState, name: string): WatchState {
  return { ...state, due: state.due.filter(other => other !== name) }
}

function changed(state: WatchState, name: string, change: (watched: Watched) => Watched): WatchState {
  const watched = state.topologies.get(name)
  return watched === undefined
    ? state
    : { ...state, topologies: new Map([...state.topologies, [name, change(watched)]]) }
}
