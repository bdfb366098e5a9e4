import type { AuthorHints } from '../model/host/author-hints.ts'
import { tablesOf } from '../model/host/iptables.ts'
import { LINK_MANAGERS, RULE_WRITERS, writerOfChain } from '../model/host/neighbours.ts'
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
  if (gone.length > 1 && own.length === 0) return flusher(managers)
  const present = new Set(chainsOf(snapshot).map(writerOfChain))
  const writer =
    RULE_WRITERS.find(name => managers.includes(name)) ?? RULE_WRITERS.find(name => present.has(name))
  return writer === undefined ? null : `${writer}, which writes rules on this host`
}

function flusher(managers: string[]): string {
  const program = RULE_WRITERS.find(name => managers.includes(name))
  const by = program === undefined ? '' : `, as ${program} does when it starts`
  return `somebody who flushed all rules: iptables -F, nft flush ruleset${by}`
}

function chainsOf({ firewall }: Snapshot): string[] {
  return tablesOf(firewall).flatMap(({ chains }) => chains.map(({ name }) => name))
}

/** Who has likely changed a kernel setting: the file that says so, else who manages links on this host. */
export function authorOfSetting(
  { before, after }: Pick<Change<{ key: string; value: string }>, 'before' | 'after'>,
  snapshot: Snapshot,
  { settings, managers }: AuthorHints,
): string | null {
  const { key = '', value } = before ?? after ?? {}
  const file = settings[key]
  if (file && file.value === value) return `sysctl --system, from ${file.file}`
  const whole = /^net\/(ipv[46])\/conf\/[^/]+\/forwarding$/.exec(key)?.[1]
  const reset = whole && settings[whole === 'ipv4' ? 'net/ipv4/ip_forward' : 'net/ipv6/conf/all/forwarding']
  if (reset && reset.value === value)
    return `sysctl --system, from ${reset.file}, which resets every interface`
  if (whole && snapshot.host.sysctls[`net/${whole}/conf/default/forwarding`] === value)
    return 'somebody who set forwarding for the whole host, which resets every interface'
  return managers.find(name => LINK_MANAGERS.includes(name)) ?? null
}
