import { removeWatch, startTicksOf, writeWatch } from '../../kernel/records/watch-records.ts'
import type { WatchRecord } from '../../model/plan/watch.ts'
import type { WatcherEvent } from './events.ts'
import type { Standing } from './standing.ts'

/** Keeps in /run/nsctl how each watched topology is doing; `status` reads it. */
export interface StandingRecords {
  note(event: WatcherEvent): void
  /** Removes them: nothing watches these topologies any more. */
  close(): void
}

/** @param watcher the pid of this process, and what it watches */
export function openStandingRecords(
  watcher: { pid: number; source: string },
  onEvent: (event: WatcherEvent) => void,
): StandingRecords {
  const startTicks = startTicksOf(watcher.pid) ?? ''
  const written = new Map<string, WatchRecord>()

  function write(record: WatchRecord): void {
    written.set(record.topology, record)
    try {
      writeWithRetry(record)
    } catch (error) {
      onEvent({ kind: 'recordNotWritten', topology: record.topology, error })
    }
  }

  function remove(topology: string): void {
    written.delete(topology)
    removeWatch(topology)
  }

  return {
    note: event => {
      if (event.kind === 'observed') {
        const observed = new Set(event.topologies.map(({ topology }) => topology))
        for (const topology of written.keys()) if (!observed.has(topology)) remove(topology)
        const checkedAt = new Date().toISOString()
        for (const { topology, standing, commit } of event.topologies)
          write({ topology, ...watcher, startTicks, commit, checkedAt, ...fieldsOf(standing) })
      }
      if (event.kind === 'repaired') {
        const record = written.get(event.topology)
        if (record) write({ ...record, ...fieldsOf(event.standing) })
      }
    },
    close: () => {
      for (const topology of written.keys()) remove(topology)
    },
  }
}

function fieldsOf({ condition, since, repairs, fights }: Standing) {
  return { ...condition, since, repairs, fights }
}

function writeWithRetry(record: WatchRecord): void {
  try {
    writeWatch(record)
  } catch {
    // A process that took the lock meanwhile has removed the half-written file as a left-over.
    writeWatch(record)
  }
}
