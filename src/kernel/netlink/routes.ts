import type { IpNextHop, IpRoute, IpRule } from '../read/network.ts'
import { printedAddress } from './addresses.ts'
import { attributesIn, type Message } from './message.ts'
import { Unclear } from './socket.ts'

const HEADER = 12
export const FAMILY = { all: 0, ipv4: 2, ipv6: 10 } as const
const WIDTH: Record<number, number> = { [FAMILY.ipv4]: 32, [FAMILY.ipv6]: 128 }

/** RTA_… of linux/rtnetlink.h. */
const R = {
  to: 1,
  out: 4,
  gateway: 5,
  priority: 6,
  source: 7,
  metrics: 8,
  nextHops: 9,
  cache: 12,
  table: 15,
  via: 18,
  preference: 20,
  nextHopObject: 30,
}
const KNOWN_IN_ROUTE = new Set(Object.values(R))
const CLONED = 0x200

/** What `ip -j -d -N route show table all` prints of a dump, of both families. */
export function printedRoutes(routes: Message[], names: Map<number, string>): IpRoute[] {
  return routes.map(({ body }) => {
    const found = attributesIn(body, HEADER)
    const family = body.readUInt8(0)
    const [length, sourceLength, tos] = [body.readUInt8(1), body.readUInt8(2), body.readUInt8(3)]
    const odd = sourceLength !== 0 || tos !== 0 || (body.readUInt32LE(8) & CLONED) !== 0
    if (odd || WIDTH[family] === undefined || !isKnown(found, KNOWN_IN_ROUTE))
      throw new Unclear('an odd route')
    const source = found.get(R.source)
    const several = found.get(R.nextHops)
    const out = found.get(R.out)
    // What the kernel does not say of an object's next hops, `ip` asks for.
    if (found.has(R.nextHopObject) && out === undefined && several === undefined)
      throw new Unclear('a nexthop object')
    return {
      type: String(body.readUInt8(7)),
      dst: destination(family, length, found.get(R.to)),
      ...printedHop(found, body.readUInt32LE(8)),
      ...(out === undefined ? {} : { dev: nameAt(out, names) }),
      table: String(found.get(R.table)?.readUInt32LE() ?? body.readUInt8(4)),
      protocol: String(body.readUInt8(5)),
      ...(source === undefined ? {} : { prefsrc: printedAddress(source) }),
      metric: found.get(R.priority)?.readUInt32LE() ?? 0,
      ...(family === FAMILY.ipv6 ? { pref: 'medium' } : {}),
      ...(several === undefined ? {} : { nexthops: [...printedHops(several, names)] }),
    }
  })
}

/** struct rtnexthop: length, flags, weight and interface, then its attributes. */
function* printedHops(several: Buffer, names: Map<number, string>): Generator<IpNextHop> {
  for (let at = 0; at + HOP_HEADER <= several.length; ) {
    const length = several.readUInt16LE(at)
    if (length < HOP_HEADER || at + length > several.length) throw new Unclear('an odd next hop')
    const hop = several.subarray(at, at + length)
    const found = attributesIn(hop, HOP_HEADER)
    if (!isKnown(found, KNOWN_IN_HOP)) throw new Unclear('an odd next hop')
    const index = hop.readInt32LE(4)
    yield { ...printedHop(found, hop.readUInt8(2)), ...(index === 0 ? {} : { dev: nameOf(index, names) }) }
    at += (length + 3) & ~3
  }
}

const HOP_HEADER = 8
/** With RTA_FLOW, of realms, which the decoder does not read either. */
const KNOWN_IN_HOP = new Set([R.gateway, R.via, 11])
const [DEAD, ONLINK] = [1, 4]

function printedHop(found: Map<number, Buffer>, flags: number): IpNextHop {
  const gateway = found.get(R.gateway)
  const via = found.get(R.via)
  return {
    ...(gateway === undefined ? {} : { gateway: printedAddress(gateway) }),
    // Behind the address's family, of 16 bits.
    ...(via === undefined ? {} : { via: { host: printedAddress(via.subarray(2)) } }),
    flags: [...((flags & DEAD) === 0 ? [] : ['dead']), ...((flags & ONLINK) === 0 ? [] : ['onlink'])],
  }
}

/** FRA_… of linux/fib_rules.h. */
const F = {
  destination: 1,
  source: 2,
  input: 3,
  priority: 6,
  mark: 10,
  suppressGroup: 13,
  suppressPrefix: 14,
  table: 15,
  mask: 16,
  protocol: 21,
}
const KNOWN_IN_RULE = new Set(Object.values(F))
/** FR_ACT_…: to a table, and what refuses a packet. */
const [TO_TABLE, BLACKHOLE, PROHIBIT] = [1, 6, 8]
const NONE = -1
/** FIB_RULE_INVERT, the one flag that is not left to `ip`. */
const NOT = 2

/** What `ip -j -d -N rule show` prints of a dump, of one family. */
export function printedRules(rules: Message[]): IpRule[] {
  return rules.map(({ body }) => {
    const found = attributesIn(body, HEADER)
    const [family, toLength, length, tos] = [0, 1, 2, 3].map(at => body.readUInt8(at)) as [
      number,
      number,
      number,
      number,
    ]
    const numberAt = (at: number) => found.get(at)?.readInt32LE() ?? NONE
    const [action, flags] = [body.readUInt8(7), body.readUInt32LE(8)]
    const refuses = action >= BLACKHOLE && action <= PROHIBIT
    const odd = tos !== 0 || (action !== TO_TABLE && !refuses) || (flags & ~NOT) !== 0
    if (odd || numberAt(F.suppressGroup) !== NONE || !isKnown(found, KNOWN_IN_RULE))
      throw new Unclear('an odd rule')
    const [source, to, input] = [F.source, F.destination, F.input].map(at => found.get(at))
    if ((source === undefined) !== (length === 0) || (to === undefined) !== (toLength === 0))
      throw new Unclear('an odd rule')
    const suppressed = numberAt(F.suppressPrefix)
    const protocol = found.get(F.protocol)?.readUInt8()
    return {
      priority: found.get(F.priority)?.readUInt32LE() ?? 0,
      ...((flags & NOT) === 0 ? {} : { not: null }),
      src: source === undefined ? 'all' : printedAddress(source),
      ...(source === undefined || length === WIDTH[family] ? {} : { srclen: length }),
      ...(to === undefined ? {} : { dst: printedAddress(to) }),
      ...(to === undefined || toLength === WIDTH[family] ? {} : { dstlen: toLength }),
      ...mark(found),
      ...(input === undefined ? {} : { iif: input.subarray(0, -1).toString() }),
      ...(refuses ? {} : { table: String(found.get(F.table)?.readUInt32LE() ?? body.readUInt8(4)) }),
      ...(suppressed === NONE ? {} : { suppress_prefixlen: suppressed }),
      ...(refuses ? { action: String(action) } : {}),
      ...(protocol === undefined ? {} : { protocol: String(protocol) }),
    }
  })
}

function mark(found: Map<number, Buffer>): { fwmark?: string; fwmask?: string } {
  const [value, mask] = [found.get(F.mark)?.readUInt32LE(), found.get(F.mask)?.readUInt32LE()]
  if (value === undefined && mask === undefined) return {}
  if (value === undefined || mask === undefined) throw new Unclear('an odd mark')
  const fwmark = `0x${value.toString(16)}`
  return mask === 0xffffffff ? { fwmark } : { fwmark, fwmask: `0x${mask.toString(16)}` }
}

function nameAt(out: Buffer, names: Map<number, string>): string {
  return nameOf(out.readInt32LE(), names)
}

function nameOf(index: number, names: Map<number, string>): string {
  const name = names.get(index)
  if (name === undefined) throw new Unclear('a route through a link that is not there')
  return name
}

function destination(family: number, length: number, to: Buffer | undefined): string {
  if (to === undefined) {
    if (length > 0) throw new Unclear('an odd route')
    return 'default'
  }
  return length === WIDTH[family] ? printedAddress(to) : `${printedAddress(to)}/${length}`
}

function isKnown(found: Map<number, Buffer>, known: Set<number>): boolean {
  return [...found.keys()].every(type => known.has(type))
}
