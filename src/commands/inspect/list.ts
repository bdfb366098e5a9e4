import { type Listed, list as listTopologies } from '../../engine/inspect/list.ts'
import { describeUnreadable } from '../../model/host/unreadable.ts'
import { escapeText } from '../../model/text/escape.ts'
import { formatAge } from '../../render/age.ts'
import { renderJson } from '../../render/json.ts'
import { syncText } from '../../render/status.ts'
import { renderTable } from '../../render/table.ts'
import type { Context, ReaderOptions } from '../context.ts'
import { DIFFERENT } from '../exit-codes.ts'
import { hostFor } from '../host.ts'

export interface ListOptions extends ReaderOptions {
  format: 'text' | 'json'
  detailedExitcode: boolean
}

/** The topologies on this host, from their marks in the kernel. */
export async function list(options: ListOptions, context: Context): Promise<number> {
  const listed = await listTopologies(hostFor(context, options))
  context.write(options.format === 'json' ? json(listed) : text(listed, context.colors))
  const differs = listed.some(({ sync }) => sync.state !== 'in-sync')
  return options.detailedExitcode && differs ? DIFFERENT : 0
}

function json(listed: Listed[]): string {
  const topologies = listed.map(({ name, counts, sync }) => ({
    name,
    counts,
    sync: sync.state,
    confirmUntil: sync.confirmUntil,
    drift: sync.drift.map(({ id }) => id),
    unreadable: sync.unreadable,
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
  const table = renderTable(HEAD, rows, (cell, column) => {
    if (column === 'TOPOLOGY') return colors.bold(cell)
    if (column !== 'SYNC') return cell
    return cell === 'in-sync' ? colors.green(cell) : colors.yellow(cell)
  })
  const causes = new Set(listed.flatMap(({ sync }) => sync.unreadable.map(describeUnreadable)))
  return table + [...causes].map(cause => `unreadable: ${escapeText(cause)}\n`).join('')
}

const HEAD = ['TOPOLOGY', 'NAMESPACES', 'VETHS', 'SYNC', 'APPLIED', 'FILE']
