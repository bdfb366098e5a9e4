import { observedState } from '../kinds/all.ts'
import type { State } from '../model/resource.ts'
import type { Sync } from '../model/status.ts'
import { topologiesOn } from '../planner/topologies.ts'
import { formatAge } from '../render/age.ts'
import { renderJson } from '../render/json.ts'
import { syncText } from '../render/status.ts'
import { renderTable } from '../render/table.ts'
import type { Context, HostOptions } from './context.ts'
import { readLive } from './live.ts'
import { syncOf } from './sync.ts'

export interface ListOptions extends HostOptions {
  format: 'text' | 'json'
  detailedExitcode: boolean
}

interface Listed {
  name: string
  /** Owned resources, by the name of their kind. */
  counts: Record<string, number>
  sync: Sync
}

/** The topologies on this host, from their marks in the kernel. */
export async function list(options: ListOptions, context: Context): Promise<number> {
  const snapshot = await readLive(context, options, null)
  const listed = topologiesOn(snapshot).map(name => {
    const observed = observedState(snapshot, name)
    return { name, counts: countsOf(observed), sync: syncOf(name, observed) }
  })
  context.write(options.format === 'json' ? json(listed) : text(listed, context.colors))
  return options.detailedExitcode && listed.some(({ sync }) => sync.state !== 'in-sync') ? 2 : 0
}

function countsOf(observed: State): Listed['counts'] {
  const counts: Listed['counts'] = {}
  for (const { kind, owned } of observed.values()) if (owned) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

function json(listed: Listed[]): string {
  const topologies = listed.map(({ name, counts, sync }) => ({
    name,
    counts,
    sync: sync.state,
    confirmUntil: sync.confirmUntil,
    drift: sync.drift.map(({ id }) => id),
    file: sync.applied?.file ?? null,
    appliedAt: sync.applied?.appliedAt ?? null,
  }))
  return renderJson({ formatVersion: '1.0', topologies })
}

function text(listed: Listed[], colors: Context['colors']): string {
  if (listed.length === 0) return 'No topology on this host.\n'
  const now = Date.now()
  const rows = listed.map(({ name, counts, sync }) => [
    name,
    String(counts.namespace ?? 0),
    String(counts.veth ?? 0),
    syncText(sync),
    sync.applied ? formatAge(Date.parse(sync.applied.appliedAt), now) : '-',
    sync.applied?.file ?? '-',
  ])
  return renderTable(HEAD, rows, (cell, column) => {
    if (column === 'TOPOLOGY') return colors.bold(cell)
    if (column !== 'SYNC') return cell
    return cell === 'in-sync' ? colors.green(cell) : colors.yellow(cell)
  })
}

const HEAD = ['TOPOLOGY', 'NAMESPACES', 'VETHS', 'SYNC', 'APPLIED', 'FILE']
