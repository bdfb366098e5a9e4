import { readSuspensions } from '../../kernel/records/watch-records.ts'
import type { ApplyOutcome, DestroyOutcome, LockedOut } from '../../model/plan/outcome.ts'
import type { Change } from '../../model/plan/plan.ts'
import type { Version } from '../../watch/tracked.ts'
import { type ApplySettings, applyUnderLock } from '../change/apply.ts'
import { destroyUnderLock } from '../change/destroy.ts'
import type { HostAccess } from '../host/access.ts'
import type { EngineEvent } from '../host/events.ts'
import { lock } from '../host/lock.ts'
import type { RepairFailure } from './events.ts'
import { objectionToPlan, type TopologyObservation } from './observe.ts'
import { obstacleIn, readTopologyRecords } from './records.ts'

export type RepairOutcome =
  /** `changes` may be others than were observed. `ms`: without the wait for the lock. */
  | { kind: 'repaired'; changes: Change[]; ms: number }
  /** Another nsctl has meanwhile suspended repairs, or begun an apply that waits for confirmation. */
  | { kind: 'hindered' }
  | { kind: 'failed'; failure: RepairFailure }

export interface RepairSettings {
  /** As records name it. */
  source: string
  /** What `default` stood for last. */
  uplinks: string[]
  /** Whether texts are known to be whole. */
  isWhole: boolean
  /** Aborted when the watcher is to stop. */
  signal: AbortSignal
  /** Called now and then while another nsctl holds the lock. */
  onWaiting(holder: string): void
}

/** Applies, under the lock, what was observed to be needed. */
export async function repair(
  topology: TopologyObservation,
  settings: RepairSettings,
  access: HostAccess,
): Promise<RepairOutcome> {
  const events: EngineEvent[] = []
  try {
    const unlock = await waitForLock(settings, access)
    if (typeof unlock !== 'function')
      return { kind: 'failed', failure: { kind: 'outcome', outcome: unlock, events } }
    try {
      return await repairUnderLock(topology, settings, access, events)
    } finally {
      await unlock()
    }
  } catch (error) {
    return { kind: 'failed', failure: { kind: 'error', error, events } }
  }
}

async function repairUnderLock(
  { observation: { name }, version }: TopologyObservation,
  settings: RepairSettings,
  access: HostAccess,
  events: EngineEvent[],
): Promise<RepairOutcome> {
  const startedAt = performance.now()
  if (obstacleIn(readTopologyRecords(name, readSuspensions(), access.pid))) return { kind: 'hindered' }
  const recording: HostAccess = { ...access, onProgress: event => void events.push(event) }
  const objections: string[] = []
  const outcome =
    version === null
      ? await destroyUnderLock(name, { signal: settings.signal }, recording)
      : await applyUnderLock(version.topology, applySettings(version, settings, objections), recording)
  const [message] = objections
  if (message !== undefined)
    return { kind: 'failed', failure: { kind: 'objection', topology: name, message, events } }
  const changes = changesOf(outcome)
  if (changes === null) return { kind: 'failed', failure: { kind: 'outcome', outcome, events } }
  return { kind: 'repaired', changes, ms: performance.now() - startedAt }
}

/** `objections` receives why the plan under the lock is not approved. */
function applySettings(
  version: Version,
  { source, uplinks, isWhole, signal }: RepairSettings,
  objections: string[],
): ApplySettings {
  const { commit } = version
  return {
    signal,
    lastUplinks: uplinks,
    origin: { directory: source, by: 'watch', ...(commit === null ? {} : { commit }) },
    approve: (plan, snapshot) => {
      const objection = objectionToPlan(plan, version, { snapshot, isWhole })
      if (objection !== null) objections.push(objection)
      return objection === null
    },
  }
}

/** Null where the host is not as it should be. */
function changesOf(outcome: ApplyOutcome | DestroyOutcome): Change[] | null {
  switch (outcome.kind) {
    case 'applied':
    case 'destroyed':
    case 'unchanged':
      return outcome.plan.changes
    case 'absent':
      return []
    default:
      return null
  }
}

/** Seconds between two reports of who holds the lock. */
const LOCK_REPORT = 5

async function waitForLock(
  { signal, onWaiting }: RepairSettings,
  access: HostAccess,
): Promise<(() => Promise<void>) | LockedOut> {
  for (;;) {
    const unlock = await lock(access, { lockTimeout: LOCK_REPORT })
    if (typeof unlock === 'function' || signal.aborted) return unlock
    onWaiting(unlock.holder)
  }
}
