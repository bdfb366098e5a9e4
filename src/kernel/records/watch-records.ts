import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isTopologyName } from '../../model/ownership.ts'
import type { Suspensions, WatchRecord } from '../../model/plan/watch.ts'
import { namesIn, readRecord, removeRecord, writeRecord } from './records.ts'

const SUSPENDED = 'suspended.json'

/** What the watcher of a topology tells; null where there is none, or its process is no more. */
export function readWatch(topology: string): WatchRecord | null {
  if (!isTopologyName(topology)) return null
  return readRecord<WatchRecord>(join('watch', `${topology}.json`))
}

export function watchedTopologies(): string[] {
  return namesIn('watch')
}

/** Whether the process that wrote the record lives. */
export function isAlive({ pid, startTicks }: WatchRecord): boolean {
  return startTicksOf(pid) === startTicks
}

/** When a process started, in clock ticks since boot; null where there is none. */
export function startTicksOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is a name in brackets that may hold anything, brackets and blanks too.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

export function writeWatch(record: WatchRecord): void {
  writeRecord(join('watch', `${record.topology}.json`), record)
}

export function removeWatch(topology: string): void {
  removeRecord(join('watch', `${topology}.json`))
}

export function readSuspensions(): Suspensions {
  return readRecord<Suspensions>(SUSPENDED) ?? { everything: null, topologies: {} }
}

/** The caller holds the lock. */
export function writeSuspensions(suspensions: Suspensions): void {
  const none = suspensions.everything === null && Object.keys(suspensions.topologies).length === 0
  if (none) removeRecord(SUSPENDED)
  else writeRecord(SUSPENDED, suspensions)
}
