import type { AuthorHints } from '../model/host/author-hints.ts'
import { tablesOf } from '../model/host/iptables.ts'
import { RULE_WRITERS, writerOfChain } from '../model/host/neighbours.ts'
import type { Snapshot } from '../model/host/snapshot.ts'
import { chainOwner } from '../model/ownership.ts'
import type { Change } from '../model/plan/plan.ts'

/** Who has likely changed rules: whoever was heard to write them, else who manages rules on this host. */
export function authorOfRules(
  { id }: Pick<Change, 'id'>,
  drift: readonly Change[],
  snapshot: Snapshot,
  { managers, ruleWriter }: AuthorHints,
): string | null {
  if (ruleWriter !== null) return ruleWriter
  const gone = drift.filter(({ kind, action }) => kind === 'chain' && action === 'create')
  const owner = chainOwner(id.slice(id.lastIndexOf('/') + 1))
  const own = chainsOf(snapshot).filter(name => chainOwner(name) === owner)
  if (gone.length > 1 && own.length === 0) return flusher(writerHere(snapshot, managers))
  const writer = writerHere(snapshot, managers)
  return writer === null ? null : `${writer}, which writes rules on this host`
}

function flusher(writer: string | null): string {
  const by = writer === null ? '' : `, as ${writer} does when it starts`
  return `somebody who flushed all rules: iptables -F, nft flush ruleset${by}`
}

/** A program that runs, and whose rules are here: that one alone is there does not make it the author. */
function writerHere(snapshot: Snapshot, managers: string[]): string | null {
  const present = new Set([
    ...chainsOf(snapshot).map(writerOfChain),
    ...snapshot.firewall.foreignNft.map(({ table }) => table),
  ])
  return RULE_WRITERS.find(name => managers.includes(name) && present.has(name)) ?? null
}

function chainsOf({ firewall }: Snapshot): string[] {
  return tablesOf(firewall).flatMap(({ chains }) => chains.map(({ name }) => name))
}

type Setting = { key: string; value: string }

/**
 * Who has likely changed a kernel setting: the file that says so. A write for the whole host resets every interface, so one
 * that was reset alone has another cause: it was unplugged and is new, for one.
 */
export function authorOfSetting(
  change: Pick<Change<Setting>, 'before' | 'after'>,
  drift: readonly Change[],
  snapshot: Snapshot,
  { settings }: AuthorHints,
): string | null {
  const { key = '', value } = change.before ?? change.after ?? {}
  const file = settings[key]
  if (file && file.value === value) return `sysctl --system, from ${file.file}`
  const whole = FORWARDING.exec(key)?.[1]
  if (whole === undefined || change.before === null || !isReset(whole, drift)) return null
  const reset = settings[whole === 'ipv4' ? 'net/ipv4/ip_forward' : 'net/ipv6/conf/all/forwarding']
  if (reset && reset.value === value)
    return `sysctl --system, from ${reset.file}, which resets every interface`
  return snapshot.host.sysctls[`net/${whole}/conf/default/forwarding`] === value
    ? 'somebody who set forwarding for the whole host, which resets every interface'
    : null
}

const FORWARDING = /^net\/(ipv[46])\/conf\/[^/]+\/forwarding$/

/** Whether several interfaces have lost their forwarding together. */
function isReset(family: string, drift: readonly Change[]): boolean {
  const changed = drift.filter(
    ({ kind, action, before }) =>
      kind === 'sysctl' && action === 'update' && FORWARDING.exec(String(before?.key ?? ''))?.[1] === family,
  )
  return changed.length > 1
}
