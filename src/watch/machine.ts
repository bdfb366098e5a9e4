import { type Backoff, backedOff, NO_BACKOFF } from './backoff.ts'
import { heldUntil, type Ledger, NO_LEDGER, noteRepair } from './fights.ts'

/** Why a topology is not mended although there is drift. */
export interface Obstacle {
  state: 'suspended' | 'pending'
  message: string
}

/** What a look found of one topology. */
export interface Look {
  name: string
  /** Which text of it is wanted. */
  version: string
  /** Whether it was held against the last version that worked, the wanted one being known to fail or to be refused. */
  fallback: boolean
  /** Marks of the changes that are to be made; none: the host is as declared. */
  drift: readonly string[]
  obstacle: Obstacle | null
  /** Why the wanted version cannot, or must not, be converged to, or null. */
  blocked: string | null
}

export interface Watched extends Omit<Look, 'name'> {
  /** Of the wanted version, and of the one before. */
  failing: { wanted: Backoff; fallback: Backoff }
  ledger: Ledger
}

/** All that the watcher knows. Times in milliseconds, of a clock that nobody sets. */
export interface WatchState {
  stopping: boolean
  /** Something may have changed: since when, and when it was last said. */
  alarm: { first: number; last: number } | null
  /** When all is looked at, alarm or not. */
  routine: number
  look: { cost: number; endedAt: number; failing: Backoff }
  topologies: ReadonlyMap<string, Watched>
  /** What the last look found to mend, and may be mended now. */
  due: readonly string[]
}

export type WatchEvent =
  /** The files, the kernel, a record or the config repo may have changed. */
  | { of: 'alarm' }
  | { of: 'stop' }
  /** `chance` in [0, 1): when many hosts were started at once, they are not to look at once for ever. */
  | { of: 'looked'; startedAt: number; interval: number; chance: number; found: readonly Look[] }
  | { of: 'look failed'; startedAt: number; chance: number }
  /** `undone`: what had been so before, and was changed by somebody else. */
  | { of: 'repaired'; name: string; undone: readonly string[] }
  | { of: 'repair failed'; name: string; chance: number }

export type WatchAction =
  /** `failing`: versions not to be tried now, by topology. */
  | { do: 'look'; failing: ReadonlyMap<string, string> }
  | { do: 'repair'; name: string }
  | { do: 'wait'; until: number }
  | { do: 'end' }

export const START: WatchState = {
  stopping: false,
  alarm: null,
  routine: 0,
  look: { cost: 0, endedAt: Number.NEGATIVE_INFINITY, failing: NO_BACKOFF },
  topologies: new Map(),
  due: [],
}

/** An editor, a Docker or a boot changes several things in a row: they are looked at together. */
const QUIET = 100
const LONGEST_UNREST = 500
/** Of its time a watcher spends a fifth looking, however restless the host; but drift is found within seconds. */
const REST_PER_COST = 4
const LONGEST_REST = 3_000

/** What is to be done now. */
export function nextAction(state: WatchState, now: number): WatchAction {
  if (state.stopping) return { do: 'end' }
  const [name] = state.due
  if (name !== undefined) return { do: 'repair', name }
  const until = nextLook(state)
  return until > now ? { do: 'wait', until } : { do: 'look', failing: failingVersions(state, now) }
}

/** What is known after an event. */
export function after(state: WatchState, event: WatchEvent, now: number): WatchState {
  switch (event.of) {
    case 'stop':
      return { ...state, stopping: true }
    case 'alarm':
      return alarmed(state, now)
    case 'looked':
      return looked(state, event, now)
    case 'look failed': {
      const failing = backedOff(state.look.failing, now, event.chance)
      const look = { cost: now - event.startedAt, endedAt: now, failing }
      return { ...state, look, routine: failing.retryAt, due: [] }
    }
    case 'repaired':
      return changed(settled(state, event.name), event.name, watched => ({
        ...watched,
        drift: [],
        ledger: noteRepair(watched.ledger, event.undone, now),
        failing: { ...watched.failing, [watched.fallback ? 'fallback' : 'wanted']: NO_BACKOFF },
      }))
    case 'repair failed': {
      const which = state.topologies.get(event.name)?.fallback ? 'fallback' : 'wanted'
      const next = changed(settled(state, event.name), event.name, watched => ({
        ...watched,
        failing: { ...watched.failing, [which]: backedOff(watched.failing[which], now, event.chance) },
      }))
      // Whatever was there before the failed one is looked after meanwhile.
      return alarmed(next, now)
    }
  }
}

function looked(
  state: WatchState,
  { startedAt, interval, chance, found }: Extract<WatchEvent, { of: 'looked' }>,
  now: number,
): WatchState {
  const topologies = new Map(
    found.map(look => [look.name, watchedAfter(state.topologies.get(look.name), look)]),
  )
  return {
    ...state,
    // What was said while looking may have come too late to be seen.
    alarm: state.alarm && state.alarm.last >= startedAt ? { first: now, last: state.alarm.last } : null,
    routine: now + interval * (0.9 + 0.2 * chance),
    look: { cost: now - startedAt, endedAt: now, failing: NO_BACKOFF },
    topologies,
    due: [...topologies].filter(([, watched]) => mayMendAt(watched) <= now).map(([name]) => name),
  }
}

function watchedAfter(before: Watched | undefined, { name: _, ...look }: Look): Watched {
  const known = before?.version === look.version
  const works = !look.fallback && look.drift.length === 0 && look.blocked === null
  return {
    ...look,
    ledger: before?.ledger ?? NO_LEDGER,
    // Another text deserves to be tried at once.
    failing: {
      wanted: (known && !works && before?.failing.wanted) || NO_BACKOFF,
      fallback: before?.failing.fallback ?? NO_BACKOFF,
    },
  }
}

/** Infinity where there is nothing to do, or an obstacle: what removes one raises an alarm. */
function mayMendAt({ drift, obstacle, blocked, fallback, failing, ledger }: Watched): number {
  if (drift.length === 0 || obstacle !== null || (blocked !== null && !fallback))
    return Number.POSITIVE_INFINITY
  return Math.max(failing[fallback ? 'fallback' : 'wanted'].retryAt, heldUntil(ledger, drift))
}

function nextLook({ routine, alarm, look, topologies }: WatchState): number {
  const retries = [...topologies.values()].flatMap(watched => [
    mayMendAt(watched),
    ...(watched.failing.wanted.failures > 0 ? [watched.failing.wanted.retryAt] : []),
  ])
  // Whose time had come when the host was last looked at has had its turn.
  const soonest = Math.min(routine, ...retries.filter(at => at > look.endedAt))
  if (alarm === null) return soonest
  const calm = Math.min(alarm.last + QUIET, alarm.first + LONGEST_UNREST)
  const rested = look.endedAt + Math.min(look.cost * REST_PER_COST, LONGEST_REST)
  return Math.min(soonest, Math.max(calm, rested, look.failing.retryAt))
}

function failingVersions({ topologies }: WatchState, now: number): Map<string, string> {
  return new Map(
    [...topologies].flatMap(([name, { version, failing }]) =>
      failing.wanted.failures > 0 && failing.wanted.retryAt > now ? [[name, version]] : [],
    ),
  )
}

function alarmed(state: WatchState, now: number): WatchState {
  return { ...state, alarm: { first: state.alarm?.first ?? now, last: now } }
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
