import { existsSync } from 'node:fs'
import { type Applied, type Journal, readApplied, readJournal } from '../../kernel/records/records.ts'
import type { Change } from '../../model/plan/plan.ts'
import type { State } from '../../model/plan/resource.ts'
import type { Sync } from '../../model/plan/status.ts'
import { diff } from '../../planner/diff.ts'

/** How a topology on the host compares with what was last applied of it. */
export function syncOf(name: string, observed: State): Sync {
  const journal = readJournal(name)
  const isApplying = journal !== null && existsSync(`/proc/${journal.pid}`)
  return syncWith({ journal, isApplying, applied: readApplied(name) }, observed)
}

/** The records of a topology. */
export interface SyncRecords {
  journal: Journal | null
  /** Whether the process that wrote the journal runs. */
  isApplying: boolean
  applied: Applied | null
}

/** The same from records that were read already. An apply that waits for confirmation counts as the last one. */
export function syncWith({ journal, isApplying, applied }: SyncRecords, observed: State): Sync {
  const confirm = journal?.confirm?.applied ? journal.confirm : null
  const last = confirm?.applied ?? applied
  const drift = last === null ? [] : driftFrom(last, observed)
  const common = { drift, applied: last, confirmUntil: confirm?.until ?? null }
  if (confirm !== null) return { state: 'unconfirmed', ...common }
  if (journal !== null) return { state: isApplying ? 'applying' : 'interrupted', ...common }
  if (last === null) return { state: 'unknown', ...common }
  return { state: drift.length > 0 ? 'drifted' : 'in-sync', ...common }
}

function driftFrom({ desired }: Applied, observed: State): Change[] {
  return diff(observed, new Map(desired.map(resource => [resource.id, resource]))).map(({ change }) => change)
}
