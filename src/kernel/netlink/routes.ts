import type { IpRoute, IpRule } from '../read/network.ts'
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
  cache: 12,
  table: 15,
  preference: 20,
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
    const out = found.get(R.out)
    const gateway = found.get(R.gateway)
    const source = found.get(R.source)
    return {
      type: String(body.readUInt8(7)),
      dst: destination(family, length, found.get(R.to)),
      ...(gateway === undefined ? {} : { gateway: printedAddress(gateway) }),
      ...(out === undefined ? {} : { dev: nameAt(out, names) }),
      table: String(found.get(R.table)?.readUInt32LE() ?? body.readUInt8(4)),
      protocol: String(body.readUInt8(5)),
      ...(source === undefined ? {} : { prefsrc: printedAddress(source) }),
      metric: found.get(R.priority)?.readUInt32LE() ?? 0,
      ...(family === FAMILY.ipv6 ? { pref: 'medium' } : {}),
    }
  })
}

/** FRA_… of linux/fib_rules.h. */
const F = {
  source: 2,
  priority: 6,
  mark: 10,
  suppressGroup: 13,
  suppressPrefix: 14,
  table: 15,
  mask: 16,
  protocol: 21,
}
const KNOWN_IN_RULE = new Set(Object.values(F))
const TO_TABLE = 1
const NONE = -1

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
    const suppresses = [F.suppressGroup, F.suppressPrefix].some(
      at => (found.get(at)?.readInt32LE() ?? NONE) !== NONE,
    )
    const odd = toLength !== 0 || tos !== 0 || body.readUInt8(7) !== TO_TABLE || body.readUInt32LE(8) !== 0
    if (odd || suppresses || !isKnown(found, KNOWN_IN_RULE)) throw new Unclear('an odd rule')
    const source = found.get(F.source)
    if ((source === undefined) !== (length === 0)) throw new Unclear('an odd rule')
    const protocol = found.get(F.protocol)?.readUInt8()
    return {
      priority: found.get(F.priority)?.readUInt32LE() ?? 0,
      src: source === undefined ? 'all' : printedAddress(source),
      ...(source === undefined || length === WIDTH[family] ? {} : { srclen: length }),
      ...mark(found),
      table: String(found.get(F.table)?.readUInt32LE() ?? body.readUInt8(4)),
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
  const name = names.get(out.readInt32LE())
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
