import type { Evidence } from '../model/evidence.ts'
import { tablesOf } from '../model/iptables.ts'
import { RULE_WRITERS, writerOfChain } from '../model/neighbours.ts'
import { chainOwner } from '../model/ownership.ts'
import type { Change } from '../model/plan.ts'
import type { Snapshot } from '../model/snapshot.ts'

const LINK_MANAGERS = ['NetworkManager', 'systemd-networkd', 'dhcpcd', 'connmand', 'ifup']

/**
 * Who has likely brought a drift about, from what there is to see; null where nothing hints at anybody. `drift` is all
 * of it, since what went together, went by one hand.
 */
export function likelyAuthor(
  change: Change,
  drift: readonly Change[],
  snapshot: Snapshot,
  evidence: Evidence,
): string | null {
  switch (change.kind) {
    case 'chain':
    case 'policy':
      return ruleAuthor(change, drift, snapshot, evidence)
    case 'sysctl':
      return settingAuthor(change, snapshot, evidence)
    case 'namespace':
      return change.action === 'create' ? 'ip netns delete, or a umount' : null
    case 'file':
      return 'an editor, or a program that writes /etc/netns'
    default:
      return linkAuthor(change, drift, evidence)
  }
}

function ruleAuthor(
  change: Change,
  drift: readonly Change[],
  snapshot: Snapshot,
  { managers, ruleWriter }: Evidence,
): string | null {
  if (ruleWriter !== null) return ruleWriter
  const gone = drift.filter(({ kind, action }) => kind === 'chain' && action === 'create')
  const own = chainsOf(snapshot).filter(name => chainOwner(name) === ownerIn(change))
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

function ownerIn({ id }: Change): string | null {
  return chainOwner(id.slice(id.lastIndexOf('/') + 1))
}

function chainsOf({ firewall }: Snapshot): string[] {
  return tablesOf(firewall).flatMap(({ chains }) => chains.map(({ name }) => name))
}

function settingAuthor(change: Change, snapshot: Snapshot, { settings, managers }: Evidence): string | null {
  const { key, value } = (change.before ?? change.after ?? {}) as { key?: string; value?: string }
  const file = key === undefined ? undefined : settings[key]
  if (file && file.value === value) return `sysctl --system, from ${file.file}`
  const whole = /^net\/(ipv[46])\/conf\/[^/]+\/forwarding$/.exec(key ?? '')?.[1]
  const reset = whole && settings[whole === 'ipv4' ? 'net/ipv4/ip_forward' : 'net/ipv6/conf/all/forwarding']
  if (reset && reset.value === value)
    return `sysctl --system, from ${reset.file}, which resets every interface`
  if (whole && snapshot.host.sysctls[`net/${whole}/conf/default/forwarding`] === value)
    return 'somebody who set forwarding for the whole host, which resets every interface'
  return managers.find(name => LINK_MANAGERS.includes(name)) ?? null
}

function linkAuthor(change: Change, drift: readonly Change[], { managers }: Evidence): string | null {
  const manager = managers.find(name => LINK_MANAGERS.includes(name))
  const taken = drift.find(({ kind, action }) => kind === 'namespace' && action === 'create')
  if (taken) return 'it went with its namespace'
  const container = drift.find(({ kind, action }) => kind === 'veth' && action === 'create')
  if (container && change.kind !== 'veth') return 'it went with its link'
  return manager === undefined ? null : `${manager}, which manages links on this host`
}
