import type { ReplyMarks } from '../../firewall/replies.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import { ROUTE_PROTOCOL } from '../../model/ownership.ts'
import { hashOf } from '../../model/text/sha256.ts'
import { usedMarkBits } from './used-mark-bits.ts'

/** Tables of uplinks, by name: far from those that people number by hand. */
const UPLINK_TABLES = 110_000_000
const MOST_TABLES = 1_000_000

/** The mark and the table of each uplink. */
export interface UplinkMarks extends ReplyMarks {
  tables: Map<string, number>
}

/**
 * Numbers uplinks by their names, not by indexes that change with every redial. A value that a rule of ours gives to an
 * uplink's table already stays that uplink's, so that all topologies on the host use the same, and a second plan is empty.
 * Uplinks beyond what the free bits can tell apart get none.
 */
export function numberUplinks(uplinks: string[], snapshot: Snapshot): UplinkMarks {
  const names = uplinks.toSorted()
  const mask = freeMask(snapshot, names.length)
  const tables = tablesFor(names, snapshot)
  const live = liveMarks(snapshot, mask)
  const marks = new Map<string, number>()
  for (const name of names) {
    const kept = [...live].find(([, table]) => table === tables.get(name))
    if (kept) marks.set(name, kept[0])
  }
  const taken = new Set([...live.keys(), ...marks.values()])
  const values = valuesWithin(mask)
  for (const name of names) {
    if (marks.has(name)) continue
    const first = hashOf(name) % values.length
    const free = [...values.slice(first), ...values.slice(0, first)].find(value => !taken.has(value))
    if (free === undefined) continue
    marks.set(name, free)
    taken.add(free)
  }
  return { mask, marks, tables }
}

function tablesFor(names: string[], { host }: Snapshot): Map<string, number> {
  const foreign = new Set(
    [...host.routes, ...host.rules].flatMap(({ table, protocol }) =>
      protocol === ROUTE_PROTOCOL ? [] : [table],
    ),
  )
  const tables = new Map<string, number>()
  for (const name of names) {
    let table = UPLINK_TABLES + (hashOf(name) % MOST_TABLES)
    while (foreign.has(table)) table++
    tables.set(name, table)
    foreign.add(table)
  }
  return tables
}

/** Which table our rules on the host lead each mark to; where two claim one, it is the lower table's. */
function liveMarks({ host }: Snapshot, mask: number): Map<number, number> {
  const live = new Map<number, number>()
  for (const { protocol, selector, table } of host.rules) {
    if (protocol !== ROUTE_PROTOCOL || selector.fwmark === undefined) continue
    const value = (Number(selector.fwmark) & mask) >>> 0
    live.set(value, Math.min(table, live.get(value) ?? table))
  }
  return live
}

/** All values but 0 that the bits of a mask can have, the lowest bit counting first. */
function valuesWithin(mask: number): number[] {
  const bits = bitsIn(mask).toReversed()
  return Array.from({ length: 2 ** bits.length - 1 }, (_, i) =>
    bits.reduce((value, bit, at) => (((i + 1) >> at) & 1 ? (value | bit) >>> 0 : value), 0),
  )
}

/** The bits of a mask, the highest first. */
function bitsIn(mask: number): number[] {
  return Array.from({ length: 32 }, (_, i) => (1 << (31 - i)) >>> 0).filter(bit => (mask & bit) !== 0)
}

const BYTES = [24, 0, 16, 8].map(shift => (0xff << shift) >>> 0)
const [HIGHEST = 0] = BYTES
const MOST_BITS = 8

/**
 * The byte of the mark that nobody on this host uses; those at the ends first, others take bits in the middle. Where each
 * is in use, the free bits between those of others; where these are too few, the highest byte all the same.
 */
function freeMask(snapshot: Snapshot, uplinks: number): number {
  const used = usedMarkBits(snapshot)
  const byte = BYTES.find(mask => (mask & used) === 0)
  if (byte !== undefined) return byte
  const free = bitsIn(~used).slice(0, MOST_BITS)
  if (2 ** free.length - 1 < uplinks) return HIGHEST
  return free.reduce((mask, bit) => (mask | bit) >>> 0, 0)
}
