import { addressOf } from '../../model/address.ts'
import type { Entry, LeftOut } from './imported.ts'
import type { FoundPair } from './pairs.ts'
import { type ForeignRule, meansInterface } from './rules.ts'

/** Where a published port leads: an end on a subnet, by its address. */
export interface Target {
  namespace: string
  /** Where the namespace has several such ends: that of this one. */
  subnet: string | null
}

/** Published ports, from DNAT rules that say nothing a forward cannot. What is told twice (OUTPUT too) is one. */
export function importedForwards(
  rules: readonly ForeignRule[],
  targets: ReadonlyMap<string, Target>,
  uplinks: readonly string[],
  without: LeftOut,
): { entries: Entry[]; used: Set<ForeignRule>; leftOut: Map<ForeignRule, string> } {
  const entries = new Map<string, Entry>()
  const used = new Set<ForeignRule>()
  const leftOut = new Map<ForeignRule, string>()
  const dnats = rules.filter(({ table, target }) => table === 'nat' && target === 'DNAT')
  for (const rule of dnats) {
    const entry = forwardOf(rule, targets, uplinks)
    if (entry === null) continue
    const why = without.get(entry.about)
    if (why !== undefined) {
      leftOut.set(rule, why.join('; '))
      continue
    }
    used.add(rule)
    const [key, same] = [entry.about, entries.get(entry.about)]
    // What packets meet first decides.
    if (!same && !(rule.chain === 'OUTPUT' && covers([...entries.values()], rule))) entries.set(key, entry)
  }
  return { entries: [...entries.values()], used, leftOut }
}

/** A forward is for the host itself as well, so that a rule in OUTPUT says nothing more. */
function covers(entries: Entry[], { protocol, ports }: ForeignRule): boolean {
  return entries.some(({ about }) => about.startsWith(`forward/${protocol}/${ports?.replace(':', '-')}/`))
}

function forwardOf(
  { chain, unclear, states, out, source, destination, protocol, ports, to, in: from }: ForeignRule,
  targets: ReadonlyMap<string, Target>,
  uplinks: readonly string[],
): Entry | null {
  const ways = uplinks.filter(uplink => meansInterface(from, uplink))
  if (unclear || states || out !== undefined || !['PREROUTING', 'OUTPUT'].includes(chain)) return null
  if (from !== undefined && ways.length === 0) return null
  if (protocol === undefined || !['tcp', 'udp', 'sctp'].includes(protocol) || ports === undefined) return null
  if (destination !== undefined && !/\/(32|128)$|^[^/]+$/.test(destination)) return null
  const goal = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(to ?? '')
  const target = targets.get(goal?.[1] ?? goal?.[2] ?? '')
  const [first = '', last = first] = ports.split(':')
  // A whole range to one port is something a forward cannot say.
  if (!goal || !target || (last !== first && goal[3] !== undefined)) return null
  const range = ports.replace(':', '-')
  const listen = destination === undefined ? asPort(range) : at(addressOf(destination), range)
  const port = goal[3] ?? range
  const value = {
    listen,
    to:
      target.subnet === null
        ? `${target.namespace}:${port}`
        : { namespace: target.namespace, subnet: target.subnet, port: asPort(port) },
    ...(protocol === 'tcp' ? {} : { protocol }),
    ...(ways.length === uplinks.length ? {} : { uplinks: ways }),
    ...(source === undefined ? {} : { sources: [source] }),
  }
  return {
    section: 'forwards',
    about: `forward/${protocol}/${range}/${destination ?? ''}`,
    value,
  }
}

function asPort(text: string): number | string {
  return text.includes('-') ? text : Number(text)
}

function at(address: string, range: string): string {
  return address.includes(':') ? `[${address}]:${range}` : `${address}:${range}`
}

/** Addresses that a forward can lead to. */
export function targetsOf(
  pairs: readonly FoundPair[],
  subnetOf: (pair: FoundPair) => string,
): Map<string, Target> {
  const seen = new Set<string>()
  return new Map(
    pairs.flatMap(pair => {
      if (pair.networks.length === 0) return []
      const { namespace } = pair.ends[1]
      const subnet = seen.has(namespace) ? subnetOf(pair) : null
      seen.add(namespace)
      return pair.networks.map(({ address }) => [address, { namespace, subnet }] as const)
    }),
  )
}
