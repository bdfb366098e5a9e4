import type { Colors } from 'picocolors/types'
import { KINDS } from '../kinds/all.ts'
import { kindOf } from '../kinds/kind.ts'
import { bracketed } from '../model/address.ts'
import { describeUnreadable } from '../model/host/unreadable.ts'
import { ACTION_SYMBOLS, type Summary } from '../model/plan/plan.ts'
import type { HistoryEntry, PublishedPort, Status, Sync } from '../model/plan/status.ts'
import type { Suspension } from '../model/plan/watch.ts'
import { formatPorts } from '../model/ports.ts'
import { formatRate } from '../model/rate.ts'
import { escapeText } from '../model/text/escape.ts'
import { counted } from '../model/text/phrases.ts'
import { renderJson } from './json.ts'
import { renderTable } from './table.ts'

/** Sync is one axis, health the other: a topology can be as applied while nothing listens in it. Empty: it is healthy. */
function ailmentsOf({ sync, places, published, uplinks, watcher, suspended }: Status): string[] {
  const remedy = `nsctl apply ${sync.applied?.file ?? 'FILE'}`
  const cut = published
    .filter(({ missing }) => missing)
    .map(
      ({ protocol, first, last, target }) =>
        `${protocol} ${formatPorts({ first, last })}: its rule is missing, so nothing leads to ${targetOf(target)}: ${remedy}`,
    )
  const gone = uplinks.flatMap(({ name, state }) => {
    if (state === 'up') return []
    return state === 'down'
      ? [`uplink ${name} is down: ip link set ${name} up`]
      : [`uplink ${name} is gone: nothing leaves or arrives through it; once it is back: ${remedy}`]
  })
  const down = places.flatMap(({ name, links }) =>
    links.filter(({ state }) => state === 'down').map(link => `${name}: ${link.name} is down`),
  )
  const deaf = published
    .filter(({ listener, missing }) => listener === null && !missing)
    .map(({ protocol, first, target }) => `${protocol} ${first}: nobody listens at ${targetOf(target)}`)
  const unwatched =
    watcher && !watcher.alive ? [`its watcher, pid ${watcher.pid}, has ended without a word`] : []
  const problems = watcher?.alive ? watcher.problems : []
  const told =
    suspended && !problems.some(text => text.includes('suspended')) ? [suspensionText(suspended)] : []
  const unread = sync.unreadable.map(describeUnreadable)
  return [...unread, ...gone, ...down, ...new Set(cut), ...new Set(deaf), ...unwatched, ...problems, ...told]
}

function targetOf({ namespace, address, port }: PublishedPort['target']): string {
  return `${namespace ?? bracketed(address)}:${port}`
}

function suspensionText({ since, by }: Suspension): string {
  return `repairs are suspended since ${since} by ${by}`
}

function healthOf(status: Status): 'healthy' | 'degraded' {
  return ailmentsOf(status).length > 0 ? 'degraded' : 'healthy'
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
    section('Drift, and what would mend it', driftLines(status), colors),
    section(
      'Health',
      ailmentsOf(status)
        .map(text => `  ${escapeText(text)}\n`)
        .join(''),
      colors,
    ),
    section('Watcher', watcherLines(status), colors),
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
  const rows = published.map(({ protocol, listen, family, first, last, target, listener, missing }) => [
    protocol,
    `${listen === null ? (family === 'ipv6' ? '[::]' : '0.0.0.0') : bracketed(listen)}:${formatPorts({ first, last })}`,
    `${target.namespace ?? '?'} ${bracketed(target.address)}:${formatPorts({ first: target.port, last: target.port + last - first })}`,
    missing ? MISSING : (listener ?? NOBODY),
  ])
  return rows.length === 0
    ? ''
    : renderTable(['PROTOCOL', 'LISTEN', 'TARGET', 'WHO LISTENS'], rows, cell =>
        cell === NOBODY ? colors.yellow(cell) : cell === MISSING ? colors.red(cell) : cell,
      )
}

const NOBODY = 'nobody listens'
const MISSING = 'its rule is missing'

function driftLines({ sync, authors }: Status): string {
  return sync.drift
    .map(({ action, id, kind, scope, before, after, reason }) => {
      const title = kindOf(kind, KINDS).title(after ?? before ?? {})
      const author = authors[id] === undefined ? '' : `   likely ${authors[id]}`
      return `  ${ACTION_SYMBOLS[action]} ${escapeText(`${scope}: ${title}   ${reason}${author}`)}\n`
    })
    .join('')
}

function watcherLines({ watcher, suspended }: Status): string {
  if (!watcher) return suspended ? `  ${escapeText(suspensionText(suspended))}\n` : ''
  const { pid, source, commit, state, since, checkedAt, repairs } = watcher
  const at = commit === null ? '' : ` at commit ${commit.slice(0, 12)}`
  const lines = [
    `${state} since ${since}, looked at ${checkedAt}`,
    `pid ${pid} follows ${source}${at}`,
    `${counted(repairs, 'repair')} since it started`,
  ]
  return lines.map(line => `  ${escapeText(line)}\n`).join('')
}

function historyTable(history: HistoryEntry[]): string {
  const rows = history
    .slice(0, 5)
    .map(({ appliedAt, sha256, commit, by, summary, changed, ms, rolledBackAt }) => [
      appliedAt,
      commit === undefined ? sha256.slice(0, 12) : `commit ${commit.slice(0, 12)}`,
      `+${summary.create} ~${summary.update} ±${summary.replace} -${summary.delete}`,
      `${(ms / 1000).toFixed(1)} s`,
      [by ?? '', rolledBackAt === undefined ? '' : `taken back ${rolledBackAt}`].filter(Boolean).join(', '),
      whatChanged(summary, changed ?? []),
    ])
  return rows.length === 0
    ? ''
    : renderTable(['APPLIED', 'FILE SHA-256', 'CHANGES', 'TOOK', 'BY', 'WHAT'], rows)
}

/** The first few of them: the counts stand beside it. */
function whatChanged({ create, update, replace, delete: gone }: Summary, changed: ChangedObject[]): string {
  const [first] = changed
  if (!first) return ''
  const others = create + update + replace + gone - 1
  return `${ACTION_SYMBOLS[first.action]} ${first.id}${others > 0 ? ` and ${others} more` : ''}`
}

type ChangedObject = NonNullable<HistoryEntry['changed']>[number]

export function statusJson(status: Status): string {
  const { topology, sync, authors, watcher, suspended, places, published, uplinks } = status
  return renderJson({
    formatVersion: '1.0',
    topology,
    sync: sync.state,
    unreadable: sync.unreadable,
    health: healthOf(status),
    ailments: ailmentsOf(status),
    confirmUntil: sync.confirmUntil,
    file: sync.applied?.file ?? null,
    sha256: sync.applied?.sha256 ?? null,
    appliedAt: sync.applied?.appliedAt ?? null,
    namespaces: places.filter(({ name }) => name !== 'host'),
    host: { links: places.find(({ name }) => name === 'host')?.links ?? [] },
    published,
    uplinks,
    drift: sync.drift.map(({ action, kind, id, reason }) => ({
      action,
      kind,
      id,
      reason,
      likelyAuthor: authors[id] ?? null,
    })),
    watcher,
    suspended,
    history: sync.applied?.history ?? [],
  })
}
