import { isDeepStrictEqual } from 'node:util'
import { bareAddress } from '../../firewall/codec/translation.ts'
import { addressOf, bracketed } from '../../model/address.ts'
import type { Json } from '../../model/plan/resource.ts'
import { formatPorts } from '../../model/ports.ts'
import type { ImportedEntry, LeftOut } from './imported.ts'
import type { FoundPair } from './pairs.ts'
import { type ForeignRule, meansInterface } from './rules.ts'

/** Where a published port leads: an end on a subnet, by its address. */
export interface ForwardTarget {
  namespace: string
  /** Where the namespace has several such ends: that of this one. */
  subnet: string | null
  /** How many families it has. */
  families: number
}

interface Published {
  rule: ForeignRule
  entry: ImportedEntry
  target: ForwardTarget
  /** Whether the other family is published in the same way. */
  both: boolean
}

/** Published ports, from DNAT rules that say nothing a forward cannot. What is told twice (OUTPUT too) is one. */
export function importedForwards(
  rules: readonly ForeignRule[],
  targets: ReadonlyMap<string, ForwardTarget>,
  uplinks: readonly string[],
  without: LeftOut,
): { entries: ImportedEntry[]; used: Set<ForeignRule>; leftOut: Map<ForeignRule, string> } {
  const published = new Map<string, Published>()
  const used = new Set<ForeignRule>()
  const leftOut = new Map<ForeignRule, string>()
  const dnats = rules.filter(({ table, target }) => table === 'nat' && target === 'DNAT')
  for (const rule of dnats.toSorted((a, b) => ORDER.indexOf(a.chain) - ORDER.indexOf(b.chain))) {
    const found = publishedBy(rule, targets, uplinks)
    if (found === null) continue
    const { about } = found.entry
    const first = published.get(about)
    const why = without.get(about)?.join('; ') ?? whyNot(found, first)
    if (why !== null) leftOut.set(rule, why)
    else used.add(rule)
    if (why === null && !first) published.set(about, found)
    else if (why === null && first && first.rule.family !== rule.family) first.both = true
  }
  return { entries: [...published.values()].map(listening), used, leftOut }
}

const ORDER = ['PREROUTING', 'OUTPUT']

/** What packets meet first decides. A forward is for the host itself as well, so that OUTPUT says nothing more. */
function whyNot({ rule, entry }: Published, first: Published | undefined): string | null {
  const same = first && isDeepStrictEqual(toOf(first.entry), toOf(entry))
  if (rule.chain === 'OUTPUT')
    return same ? null : 'for the host alone: a forward would publish it outside as well'
  if (!first || (same && isDeepStrictEqual(first.entry.value, entry.value))) return null
  return 'another rule for this port comes first'
}

function toOf({ value }: ImportedEntry): Json {
  return (value as { to: Json }).to
}

/** Where the target has both families and the rule is of one, the other stays closed. */
function listening({ rule, entry, target, both }: Published): ImportedEntry {
  if (both || target.families < 2 || rule.destination !== undefined || !rule.ports) return entry
  const every = rule.family === 'ipv4' ? '0.0.0.0' : '[::]'
  return { ...entry, value: { ...(entry.value as object), listen: `${every}:${formatPorts(rule.ports)}` } }
}

function publishedBy(
  rule: ForeignRule,
  targets: ReadonlyMap<string, ForwardTarget>,
  uplinks: readonly string[],
): Published | null {
  const { chain, unclear, states, out, source, destination, protocol, ports, to, in: from } = rule
  const ways = uplinks.filter(uplink => meansInterface(from, uplink))
  if (unclear || states || out !== undefined || !ORDER.includes(chain)) return null
  if (from !== undefined && ways.length === 0) return null
  if (protocol === undefined || !['tcp', 'udp', 'sctp'].includes(protocol) || ports === undefined) return null
  if (destination !== undefined && bareAddress(destination).includes('/')) return null
  const target = targets.get(to?.address ?? '')
  if (!to || !target) return null
  // To several ports, or from several to one, is something a forward cannot say.
  if (to.ports !== null && [ports, to.ports].some(({ first, last }) => first !== last)) return null
  const range = formatPorts(ports)
  const port = to.ports === null ? range : formatPorts(to.ports)
  const value = {
    listen: destination === undefined ? asPort(range) : `${bracketed(addressOf(destination))}:${range}`,
    to:
      target.subnet === null
        ? `${target.namespace}:${port}`
        : { namespace: target.namespace, subnet: target.subnet, port: asPort(port) },
    ...(protocol === 'tcp' ? {} : { protocol }),
    ...(ways.length === uplinks.length ? {} : { uplinks: ways }),
    ...(source === undefined ? {} : { sources: [source] }),
  }
  const about = `forward/${protocol}/${range}/${destination ?? ''}`
  return { rule, entry: { section: 'forwards', about, value }, target, both: false }
}

function asPort(text: string): number | string {
  return text.includes('-') ? text : Number(text)
}

/** Addresses that a forward can lead to. */
export function targetsOf(
  pairs: readonly FoundPair[],
  subnetOf: (pair: FoundPair) => string,
): Map<string, ForwardTarget> {
  const seen = new Set<string>()
  return new Map(
    pairs.flatMap(pair => {
      if (pair.networks.length === 0) return []
      const { namespace } = pair.ends[1]
      const subnet = seen.has(namespace) ? subnetOf(pair) : null
      seen.add(namespace)
      return pair.networks.map(
        ({ address }) => [address, { namespace, subnet, families: pair.networks.length }] as const,
      )
    }),
  )
}
