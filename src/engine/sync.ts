import { existsSync } from 'node:fs'
import { type Applied, type Journal, readApplied, readJournal } from '../kernel/records.ts'
import type { Change } from '../model/plan.ts'
import type { State } from '../model/resource.ts'
import type { Sync } from '../model/status.ts'
import { diff } from '../planner/diff.ts'

/** How a topology stands against what was last applied of it. */
export function syncOf(name: string, observed: State): Sync {
  const journal = readJournal(name)
  const applied = journal?.confirm?.applied ?? readApplied(name)
  const drift = applied ? driftFrom(applied, observed) : []
  const settled = applied === null ? 'unknown' : drift.length > 0 ? 'drifted' : 'in-sync'
  return {
    state: journal ? progressOf(journal) : settled,
    confirmUntil: journal?.confirm?.applied ? journal.confirm.until : null,
    drift,
    applied,
  }
}

function progressOf({ confirm, pid }: Journal): Sync['state'] {
  if (confirm?.applied) return 'unconfirmed'
  return existsSync(`/proc/${pid}`) ? 'applying' : 'interrupted'
}

function driftFrom({ desired }: Applied, observed: State): Change[] {
  return diff(observed, new Map(desired.map(resource => [resource.id, resource]))).map(({ change }) => change)
}
