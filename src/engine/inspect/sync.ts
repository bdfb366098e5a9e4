import { existsSync } from 'node:fs'
import { type Applied, type Journal, readApplied, readJournal } from '../../kernel/records/records.ts'
import type { Snapshot, UnreadableTable } from '../../model/host/snapshot.ts'
import type { State } from '../../model/plan/resource.ts'
import type { Sync } from '../../model/plan/status.ts'
import { diff } from '../../planner/diff.ts'
import { readableOf, unreadableFor } from '../../planner/unreadable.ts'

/** How a topology on the host compares with what was last applied of it. */
export function syncOf(name: string, observed: State, snapshot: Snapshot): Sync {
  const journal = readJournal(name)
  const isApplying = journal !== null && existsSync(`/proc/${journal.pid}`)
  return syncWith({ journal, isApplying, applied: readApplied(name) }, observed, states =>
    unreadableFor(name, states, snapshot),
  )
}

/** The records of a topology. */
export interface SyncRecords {
  journal: Journal | null
  /** Whether the process that wrote the journal runs. */
  isApplying: boolean
  applied: Applied | null
}

/**
 * The same from records that were read already. An apply that waits for confirmation counts as the last one.
 *
 * @param unreadableIn the unreadable tables that something of some states is in
 */
export function syncWith(
  { journal, isApplying, applied }: SyncRecords,
  observed: State,
  unreadableIn: (states: State[]) => UnreadableTable[] = () => [],
): Sync {
  const confirm = journal?.confirm?.applied ? journal.confirm : null
  const last = confirm?.applied ?? applied
  const desired: State = new Map(last?.desired.map(resource => [resource.id, resource]))
  const unreadable = unreadableIn([observed, desired])
  const [live, wanted] = [observed, desired].map(state => readableOf(state, unreadable)) as [State, State]
  const drift = last === null ? [] : diff(live, wanted).map(({ change }) => change)
  const common = { drift, unreadable, applied: last, confirmUntil: confirm?.until ?? null }
  if (confirm !== null) return { state: 'unconfirmed', ...common }
  if (journal !== null) return { state: isApplying ? 'applying' : 'interrupted', ...common }
  if (unreadable.length > 0) return { state: 'unreadable', ...common }
  if (last === null) return { state: 'unknown', ...common }
  return { state: drift.length > 0 ? 'drifted' : 'in-sync', ...common }
}
