import { existsSync } from 'node:fs'
import { type Applied, type Journal, readApplied, readJournal } from '../kernel/records.ts'
import { observedState } from '../kinds/all.ts'
import type { KindName, State } from '../model/resource.ts'
import { diff } from '../planner/diff.ts'
import { topologiesOn } from '../planner/topologies.ts'
import { renderJson } from '../render/json.ts'
import { renderTable } from '../render/table.ts'
import type { Context, HostOptions } from './context.ts'
import { readLive } from './live.ts'

export interface ListOptions extends HostOptions {
  format: 'text' | 'json'
  detailedExitcode: boolean
}

interface Listed {
  name: string
  counts: Partial<Record<KindName, number>>
  /** Against what was last applied; `unknown` where no record of that is left. */
  sync: 'in-sync' | 'drifted' | 'unconfirmed' | 'applying' | 'interrupted' | 'unknown'
  /** Until when an apply can be confirmed, or null where none waits. */
  confirmUntil: string | null
  /** Ids of what differs. */
  drift: string[]
  file: string | null
  appliedAt: string | null
}

/** The topologies on this host, from their marks in the kernel. */
export async function list(options: ListOptions, context: Context): Promise<number> {
  const snapshot = await readLive(context, options, null)
  const listed = topologiesOn(snapshot).map(name => describe(name, observedState(snapshot, name)))
  context.write(options.format === 'json' ? json(listed) : text(listed))
  return options.detailedExitcode && listed.some(({ sync }) => sync !== 'in-sync') ? 2 : 0
}

function describe(name: string, observed: State): Listed {
  const owned = [...observed.values()].filter(resource => resource.owned)
  const counts: Listed['counts'] = {}
  for (const { kind } of owned) counts[kind] = (counts[kind] ?? 0) + 1
  const journal = readJournal(name)
  const applied = journal?.confirm?.applied ?? readApplied(name)
  const drift = applied ? driftFrom(applied, observed) : []
  return {
    name,
    counts,
    sync: journal
      ? progressOf(journal)
      : applied === null
        ? 'unknown'
        : drift.length > 0
          ? 'drifted'
          : 'in-sync',
    confirmUntil: journal?.confirm?.applied ? journal.confirm.until : null,
    drift,
    file: applied?.file ?? null,
    appliedAt: applied?.appliedAt ?? null,
  }
}

function progressOf({ confirm, pid }: Journal): Listed['sync'] {
  if (confirm?.applied) return 'unconfirmed'
  return existsSync(`/proc/${pid}`) ? 'applying' : 'interrupted'
}

function driftFrom({ desired }: Applied, observed: State): string[] {
  return diff(observed, new Map(desired.map(resource => [resource.id, resource]))).map(
    ({ change }) => change.id,
  )
}

function json(topologies: Listed[]): string {
  return renderJson({ formatVersion: '1.0', topologies })
}

function text(listed: Listed[]): string {
  if (listed.length === 0) return 'No topology on this host.\n'
  const rows = listed.map(({ name, counts, sync, confirmUntil, drift, file, appliedAt }) => [
    name,
    String(counts.namespace ?? 0),
    String(counts.veth ?? 0),
    sync === 'drifted'
      ? `drifted (${drift.length})`
      : confirmUntil
        ? `unconfirmed until ${confirmUntil}`
        : sync,
    appliedAt ?? '-',
    file ?? '-',
  ])
  return renderTable(['TOPOLOGY', 'NAMESPACES', 'VETHS', 'SYNC', 'APPLIED', 'FILE'], rows)
}
