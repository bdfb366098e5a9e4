import { writeWatch } from '../../kernel/records/watch-records.ts'
import type { WatchRecord } from '../../model/plan/watch.ts'
import type { WatcherEvent } from './events.ts'

/** Puts a topology's state on record, for `status`. */
export function keepRecord(record: WatchRecord, onEvent: (event: WatcherEvent) => void): void {
  try {
    writeWatch(record)
  } catch {
    // A process that took the lock meanwhile has removed the half-written file as a left-over.
    try {
      writeWatch(record)
    } catch (error) {
      onEvent({ kind: 'recordNotWritten', topology: record.topology, error })
    }
  }
}
