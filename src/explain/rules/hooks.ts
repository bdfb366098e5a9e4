import type { Family } from '../../model/address.ts'
import type { Ruleset } from '../../model/host/network-stack.ts'
import { IPTABLES_PRIORITIES, NAT_PRIORITIES } from '../../model/nft/iptables-own.ts'
import { tableName } from '../../model/nft/native-parts.ts'
import { type HookedChain, passChain } from '../nft/walk.ts'
import { isAnswer, rewrite, type Transit } from '../transit.ts'
import type { WalkEnd, Walking } from '../world.ts'
import { traverse } from './chains.ts'

export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING'

/** Tables of iptables that have the hook, but for nat. */
const TABLES: Record<Hook, string[]> = {
  PREROUTING: ['raw', 'mangle'],
  INPUT: ['mangle', 'filter', 'security'],
  FORWARD: ['mangle', 'filter', 'security'],
  OUTPUT: ['raw', 'mangle', 'filter', 'security'],
  POSTROUTING: ['mangle'],
}

/** Something that a packet passes at a hook. */
interface Passage {
  priority: number
  /** When it was made, as a number that grows; -1: not known. */
  made: number
  pass: () => Walking<WalkEnd | null>
}

/**
 * Takes a packet through one hook: both variants of iptables and all of nftables, in the order of their priorities.
 * Null: it came through.
 */
export function* passHook(transit: Transit, hook: Hook): Walking<WalkEnd | null> {
  for (const { pass } of passagesAt(transit, hook)) {
    const end = yield* pass()
    if (end !== null) return end
  }
  return null
}

/** Ingress and egress of a link, or a hook of a bridge: only nftables has chains there. */
export function* passLinkHook(
  transit: Transit,
  family: 'netdev' | 'bridge',
  hook: string,
): Walking<WalkEnd | null> {
  const families = family === 'netdev' ? ['netdev', 'inet'] : ['bridge']
  const link = hook === 'egress' ? transit.output : transit.input
  const chains = hookedChains(transit, families, hook).filter(
    ({ base: { devices } }) =>
      family === 'bridge' || devices === undefined || (link !== null && devices.includes(link)),
  )
  for (const { chain } of inOrder(chains.map(one => ({ ...placeOf(transit, one), chain: one })))) {
    const end = yield* passChain(transit, chain)
    if (end !== null) return end
  }
  return null
}

function passagesAt(transit: Transit, hook: Hook): Passage[] {
  const { place, packet } = transit
  const families = ['inet', NFT_FAMILIES[packet.family]]
  const native = hookedChains(transit, families, hook.toLowerCase())
  const ofIptables = TABLES[hook].flatMap(table =>
    place.rulesets.map(ruleset => ({
      priority: IPTABLES_PRIORITIES[table] ?? 0,
      made: madeAt(transit, ruleset, table),
      pass: () => traverse(transit, ruleset, table, hook),
    })),
  )
  const filtering = native
    .filter(({ base }) => base.type !== 'nat')
    .map(chain => ({ ...placeOf(transit, chain), pass: () => passChain(transit, chain) }))
  const translating = native.filter(({ base }) => base.type === 'nat')
  const nat =
    hook === 'FORWARD'
      ? []
      : [
          {
            ...{ priority: NAT_PRIORITIES[endAt(hook)], made: -1 },
            pass: () => translateAt(transit, hook, translating),
          },
        ]
  return inOrder([...ofIptables, ...nat, ...filtering])
}

/** By priority; of equals the kernel puts a new one first. */
function inOrder<T extends { priority: number; made: number }>(list: T[]): T[] {
  return list.toSorted((a, b) => a.priority - b.priority || b.made - a.made)
}

function placeOf({ place }: Transit, { table, base }: HookedChain): { priority: number; made: number } {
  return { priority: base.priority, made: place.nft.made?.indexOf(tableName(table)) ?? -1 }
}

function madeAt({ place, packet }: Transit, { variant }: Ruleset, table: string): number {
  if (variant === 'legacy') return -1
  return place.nft.made?.indexOf(tableName({ family: NFT_FAMILIES[packet.family], name: table })) ?? -1
}

const NFT_FAMILIES: Record<Family, string> = { ipv4: 'ip', ipv6: 'ip6' }

function hookedChains({ place }: Transit, families: string[], hook: string): HookedChain[] {
  return place.nft.tables
    .filter(({ family, dormant }) => !dormant && families.includes(family))
    .flatMap(table =>
      table.chains.flatMap(chain => {
        const { base } = chain
        return base?.hook === hook ? [{ table, chain, base }] : []
      }),
    )
    .toReversed()
}

function endAt(hook: Hook): 'source' | 'destination' {
  return hook === 'PREROUTING' || hook === 'OUTPUT' ? 'destination' : 'source'
}

/**
 * The first packet of a connection asks the rules, once for each end; all others do as it did. All chains that translate
 * are asked at one priority, that of iptables' nat, whatever their own: that only gives their order.
 */
function* translateAt(transit: Transit, hook: Hook, native: HookedChain[]): Walking<WalkEnd | null> {
  const { connection } = transit
  if (connection === null) return null
  const end = endAt(hook)
  const done = end === 'destination' ? 'destinationDone' : 'sourceDone'
  if (isAnswer(transit)) return turnBack(transit, end)
  if (connection[done]) {
    repeat(transit, end)
    return null
  }
  for (const { pass } of translating(transit, hook, native)) {
    const before = transit.packet.tuple
    const stopped = yield* pass()
    if (stopped !== null) return stopped
    if (transit.packet.tuple !== before) break
  }
  connection[done] = true
  return null
}

function translating(transit: Transit, hook: Hook, native: HookedChain[]): Passage[] {
  const ofIptables = transit.place.rulesets.map(ruleset => ({
    priority: NAT_PRIORITIES[endAt(hook)],
    made: madeAt(transit, ruleset, 'nat'),
    pass: () => traverse(transit, ruleset, 'nat', hook),
  }))
  const others = native.map(chain => ({
    ...placeOf(transit, chain),
    pass: () => passChain(transit, chain),
  }))
  return inOrder([...ofIptables, ...others])
}

/** An answer is translated the other way round, at the other hook. */
function turnBack(transit: Transit, end: 'source' | 'destination'): null {
  const { connection, packet } = transit
  if (connection === null) return null
  const { original } = connection
  const tuple =
    end === 'destination'
      ? { ...packet.tuple, destination: original.source, destinationPort: original.sourcePort }
      : { ...packet.tuple, source: original.destination, sourcePort: original.destinationPort }
  if (JSON.stringify(tuple) !== JSON.stringify(packet.tuple)) rewrite(transit, tuple)
  return null
}

function repeat(transit: Transit, end: 'source' | 'destination'): void {
  const { connection, packet } = transit
  if (connection === null) return
  const { translated } = connection
  const { tuple } = packet
  transit.packet = {
    ...packet,
    tuple:
      end === 'destination'
        ? { ...tuple, destination: translated.destination, destinationPort: translated.destinationPort }
        : { ...tuple, source: translated.source, sourcePort: translated.sourcePort },
  }
}
