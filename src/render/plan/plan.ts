import type { Colors } from 'picocolors/types'
import { KINDS } from '../../kinds/all.ts'
import { type AnyKind, type Kinds, kindOf } from '../../kinds/kind.ts'
import { ACTION_SYMBOLS, type Action, type Change, type Plan, type Summary } from '../../model/plan/plan.ts'
import { escapeText } from '../../model/text/escape.ts'
import { groupBy } from '../../model/text/lookup.ts'

/** A plan as text: grouped by namespace, the host last; one line a change, then one that counts them. */
export function renderPlan(plan: Plan, colors: Colors, kinds: Kinds = KINDS): string {
  if (plan.changes.length === 0) return `No changes. ${plan.upToDate}\n`
  const groups = [...groupsOf(plan.changes)].map(([scope, changes]) => groupRows(scope, changes, kinds))
  const rows = groups.flat()
  const widths: Widths = {
    title: widest(
      rows.map(({ title }) => title),
      48,
    ),
    detail: widest(
      rows.map(({ detail }) => detail),
      26,
    ),
  }
  const text = groups.map(group => group.map(row => renderRow(row, widths, colors)).join('')).join('\n')
  return `${colors.bold(escapeText(plan.headline))}\n\n${text}\n${renderSummary(plan.summary)}\n`
}

interface Widths {
  title: number
  detail: number
}

/** Of the texts that fit: a longer one sticks out by itself instead of pushing all others aside. */
function widest(texts: string[], limit: number): number {
  return Math.max(0, ...texts.map(text => text.length).filter(length => length <= limit))
}

/** `Plan: 20 to create, 1 to update, 0 to replace, 0 to delete.` */
export function renderSummary({ create, update, replace, delete: remove }: Summary): string {
  return `Plan: ${create} to create, ${update} to update, ${replace} to replace, ${remove} to delete.`
}

interface Row {
  action: Action | null
  title: string
  detail: string
  why: string
  source: string
  below: string[]
}

function groupsOf(changes: Change[]): Map<string, Change[]> {
  const groups = groupBy(changes, ({ scope }) => scope)
  const host = groups.get('host')
  groups.delete('host')
  if (host) groups.set('host', host)
  return groups
}

/** The namespace's own change, if there is one, is the head of its group. */
function groupRows(scope: string, changes: Change[], kinds: Kinds): Row[] {
  const own = changes.find(({ kind }) => kindOf(kind, kinds).layer === 'namespace')
  const head = own ? rowOf(own, kinds) : plainHead(scope)
  const rows = changes.filter(change => change !== own).map(change => rowOf(change, kinds))
  let last = head.source
  const inside = rows.map(row => {
    const source = row.source === last ? '' : row.source
    if (row.source !== '') last = row.source
    return { ...row, source, title: `    ${ACTION_SYMBOLS[row.action ?? 'update']} ${row.title}` }
  })
  return [
    {
      ...head,
      title: head.action === null ? `  ${head.title}` : `${ACTION_SYMBOLS[head.action]} ${head.title}`,
    },
    ...inside,
  ]
}

function plainHead(scope: string): Row {
  const title = scope === 'host' ? 'host' : `namespace ${escapeText(scope)}`
  return { action: null, title, detail: '', why: '', source: '', below: [] }
}

function rowOf(change: Change, kinds: Kinds): Row {
  const kind = kindOf(change.kind, kinds)
  const attributes = change.after ?? change.before ?? {}
  const differences = differencesOf(change, kind)
  const short = differences.length === 1 && (differences[0] ?? '').length <= 26
  const changes = change.action === 'update' || change.action === 'replace'
  const detail =
    !changes || (change.action === 'replace' && differences.length === 0)
      ? kind.detail(attributes)
      : short
        ? differences[0]
        : ''
  return {
    action: change.action,
    title: escapeText(kind.title(attributes)),
    detail: escapeText(detail ?? ''),
    why: OBVIOUS.includes(change.reason) ? '' : escapeText(change.reason),
    source: change.source ? `${escapeText(change.source.file)}:${change.source.line}` : '',
    below: [...(short ? [] : differences), ...affectedBy(change, kind), ...lostWith(change)].map(escapeText),
  }
}

/** Reasons that the symbol in front, or the head of the plan, already tells. */
const OBVIOUS = ['declared', 'destroyed']

function differencesOf({ action, before, after, changed }: Change, kind: AnyKind): string[] {
  if (!before || !after || (action !== 'update' && action !== 'replace')) return []
  const own = kind.differences?.(before, after, changed)
  return own ?? changed.map(name => `${name} ${plain(before[name])} -> ${plain(after[name])}`)
}

/** Who a deletion affects: it needs a yes. */
function affectedBy({ action, before }: Change, { deletion }: AnyKind): string[] {
  return action === 'delete' && before ? (deletion?.affected(before) ?? []) : []
}

/** What a rollback could not bring back. */
function lostWith({ irreversible }: Change): string[] {
  return irreversible === undefined ? [] : [`cannot be undone: ${irreversible}`]
}

function plain(value: unknown): string {
  if (value === null || value === undefined) return 'none'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function renderRow(
  { action, title, detail, why, source, below }: Row,
  widths: Widths,
  colors: Colors,
): string {
  const paint = action === null ? colors.bold : PAINT[action](colors)
  const columns = [
    { text: title, width: widths.title, paint },
    { text: detail, width: widths.detail, paint: plainText },
    ...[why, source].filter(text => text !== '').map(text => ({ text, width: 0, paint: colors.dim })),
  ]
  const last = columns.findLastIndex(({ text }) => text !== '')
  const line = columns
    .slice(0, last + 1)
    .map(({ text, width, paint }, i) => paint(i === last ? text : text.padEnd(width)))
    .join('   ')
  return [line, ...below.map(text => `          ${text}`)].map(text => `${text}\n`).join('')
}

const plainText = (text: string) => text

const PAINT: Record<Action, (colors: Colors) => (text: string) => string> = {
  create: colors => colors.green,
  update: colors => colors.yellow,
  replace: colors => colors.magenta,
  delete: colors => colors.red,
}
