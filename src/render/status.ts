import type { Colors } from 'picocolors/types'
import { kindOf } from '../kinds/all.ts'
import { escapeText } from '../model/escape.ts'
import type { Change } from '../model/plan.ts'
import { formatRate } from '../model/rate.ts'
import type { HistoryEntry, PublishedPort, Status, Sync } from '../model/status.ts'
import { renderJson } from './json.ts'
import { renderTable } from './table.ts'

/** Sync is one axis, health the other: a topology can be as applied while nothing listens in it. */
function healthOf({ places, published }: Status): 'healthy' | 'degraded' {
  const down = places.some(({ links }) => links.some(({ state }) => state === 'down'))
  return down || published.some(({ listener }) => listener === null) ? 'degraded' : 'healthy'
}

/** For a column: the state with what there is to know of it. */
export function syncText({ state, confirmUntil, drift }: Sync): string {
  if (state === 'drifted') return `drifted (${drift.length})`
  return confirmUntil === null ? state : `unconfirmed until ${confirmUntil}`
}

export function renderStatus(status: Status, colors: Colors): string {
  const { topology, sync } = status
  const applied = sync.applied
    ? `, applied ${sync.applied.appliedAt} from ${escapeText(sync.applied.file)}`
    : ''
  const sections = [
    [`${colors.bold(topology)}  ${syncText(sync)}, ${healthOf(status)}${applied}\n`],
    section('Links', linkTable(status, colors), colors),
    section('Published ports', portTable(status.published, colors), colors),
    section('Drift, and what would mend it', driftLines(sync.drift), colors),
    section('History', historyTable(sync.applied?.history ?? []), colors),
  ]
  return sections.flat().join('\n')
}

function section(title: string, text: string, colors: Colors): string[] {
  return text === '' ? [] : [`${colors.bold(title)}\n${text}`]
}

function linkTable({ places }: Status, colors: Colors): string {
  const rows = places.flatMap(({ name, links }) =>
    links.map(link => [
      name,
      link.name,
      link.state,
      link.addresses.join(' ') || '-',
      link.master ?? link.peer ?? '-',
      link.rate === null ? '' : formatRate(link.rate),
    ]),
  )
  return rows.length === 0
    ? ''
    : renderTable(['NAMESPACE', 'LINK', 'STATE', 'ADDRESSES', 'LEADS TO', 'RATE'], rows, (cell, column) =>
        column === 'STATE' ? (cell === 'up' ? colors.green(cell) : colors.red(cell)) : cell,
      )
}

function portTable(published: PublishedPort[], colors: Colors): string {
  const rows = published.map(({ protocol, listen, family, first, last, target, listener }) => [
    protocol,
    `${listen === null ? (family === 'ipv6' ? '[::]' : '0.0.0.0') : bracketed(listen)}:${first}${last === first ? '' : `-${last}`}`,
    `${target.namespace ?? '?'} ${bracketed(target.address)}:${target.port}${last === first ? '' : `-${target.port + last - first}`}`,
    listener ?? NOBODY,
  ])
  return rows.length === 0
    ? ''
    : renderTable(['PROTOCOL', 'LISTEN', 'TARGET', 'WHO LISTENS'], rows, cell =>
        cell === NOBODY ? colors.yellow(cell) : cell,
      )
}

const NOBODY = 'nobody listens'

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

const SYMBOLS = { create: '+', update: '~', replace: '±', delete: '-' } as const

function driftLines(drift: Change[]): string {
  return drift
    .map(({ action, kind, scope, before, after, reason }) => {
      const title = kindOf(kind).title(after ?? before ?? {})
      return `  ${SYMBOLS[action]} ${escapeText(`${scope}: ${title}   ${reason}`)}\n`
    })
    .join('')
}

function historyTable(history: HistoryEntry[]): string {
  const rows = history
    .slice(0, 5)
    .map(({ appliedAt, sha256, summary, ms, rolledBackAt }) => [
      appliedAt,
      sha256.slice(0, 12),
      `+${summary.create} ~${summary.update} ±${summary.replace} -${summary.delete}`,
      `${(ms / 1000).toFixed(1)} s`,
      rolledBackAt === undefined ? '' : `taken back ${rolledBackAt}`,
    ])
  return rows.length === 0 ? '' : renderTable(['APPLIED', 'FILE SHA-256', 'CHANGES', 'TOOK', ''], rows)
}

export function statusJson(status: Status): string {
  const { topology, sync, places, published } = status
  return renderJson({
    formatVersion: '1.0',
    topology,
    sync: sync.state,
    health: healthOf(status),
    confirmUntil: sync.confirmUntil,
    file: sync.applied?.file ?? null,
    sha256: sync.applied?.sha256 ?? null,
    appliedAt: sync.applied?.appliedAt ?? null,
    namespaces: places.filter(({ name }) => name !== 'host'),
    host: { links: places.find(({ name }) => name === 'host')?.links ?? [] },
    published,
    drift: sync.drift.map(({ action, kind, id, reason }) => ({ action, kind, id, reason })),
    history: sync.applied?.history ?? [],
  })
}
