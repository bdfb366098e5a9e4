import { type Journal, readApplied, readJournal } from '../../kernel/records/records.ts'
import { isAlive, readWatch } from '../../kernel/records/watch-records.ts'
import type { Suspension, Suspensions, WatchRecord } from '../../model/plan/watch.ts'
import type { Obstacle } from '../../watch/machine.ts'

/** nsctl's records of a topology, as far as a watcher depends on them. */
export interface TopologyRecords {
  /** SHA-256 of the text that was applied last; null: none. */
  appliedText: string | null
  journal: Journal | null
  /** Of another process that watches the topology now. */
  otherWatcher: WatchRecord | null
  suspension: Suspension | null
}

/** @param pid of the watcher that asks */
export function readTopologyRecords(name: string, suspensions: Suspensions, pid: number): TopologyRecords {
  return {
    appliedText: readApplied(name)?.sha256 ?? null,
    journal: readJournal(name),
    otherWatcher: otherWatcherOf(name, pid),
    suspension: suspensions.everything ?? suspensions.topologies[name] ?? null,
  }
}

/** @param pid of the watcher that asks */
export function otherWatcherOf(name: string, pid: number): WatchRecord | null {
  const record = readWatch(name)
  return record && record.pid !== pid && isAlive(record) ? record : null
}

/** Why the topology must not be repaired now: what people have decided, or still have to decide. */
export function obstacleIn({ otherWatcher, suspension, journal }: TopologyRecords): Obstacle | null {
  if (otherWatcher) {
    const { pid, source } = otherWatcher
    return { state: 'suspended', message: `another nsctl watches it: pid ${pid}, from ${source}` }
  }
  if (suspension) {
    const { since, by } = suspension
    return { state: 'suspended', message: `repairs are suspended since ${since} by ${by}` }
  }
  const confirm = journal?.confirm
  return confirm?.applied
    ? { state: 'pending', message: `an apply waits for confirmation until ${confirm.until}` }
    : null
}

/** Whether an apply was cut off: its journal has to be settled even where no object differs. */
export function isInterrupted({ journal }: TopologyRecords): boolean {
  return journal !== null && !journal.confirm?.applied
}
