import {
  BITS,
  cidr,
  type Family,
  familyOf,
  firstOf,
  formatCidr,
  networkOf,
  parseNetwork,
} from '../address.ts'
import { ROUTE_PROTOCOL } from '../ownership.ts'
import { FROM_KERNEL, FROM_ROUTER_ADVERTISEMENT } from './rtnetlink.ts'
import type { NetworkState } from './snapshot.ts'

/** Which routes a reading is for. A router may have a million; a plan depends on few of them. */
export interface NeededRoutes {
  /** All routes that overlap with one of these are needed; canonical CIDRs. */
  networks: readonly string[]
  /** @param first the first bits of the destination as a number: 32 of IPv4, 48 of IPv6 */
  isNeeded(family: Family, first: number, prefix: number, protocol: number): boolean
}

/** Where a namespace has no more routes than this, all of them are read. */
export const FEW_ROUTES = 5_000

/** Of a destination, as many bits as a number can hold. */
const KNOWN_BITS: Record<Family, number> = { ipv4: 32, ipv6: 48 }

/** Default routes, and the pieces that they are made in: as wide as no network of anybody. */
const WIDE: Record<Family, number> = { ipv4: 8, ipv6: 16 }

/** What nsctl, the kernel, and routers' advertisements have put there is always needed. */
const OF_THE_HOST = new Set([FROM_KERNEL, FROM_ROUTER_ADVERTISEMENT, ROUTE_PROTOCOL])

/** The routes that matter to plans for these networks; addresses and host bits are allowed. */
export function routesNeededFor(texts: readonly string[]): NeededRoutes {
  const networks = [...new Set(texts.map(text => formatCidr(networkOf(cidr(text)))))]
  const ranges = { ipv4: rangesOf('ipv4', networks), ipv6: rangesOf('ipv6', networks) }
  return {
    networks,
    isNeeded: (family, first, prefix, protocol) =>
      OF_THE_HOST.has(protocol) ||
      prefix <= WIDE[family] ||
      overlapsAny(ranges[family], first, lastOf(family, first, prefix)),
  }
}

/** What a network says of the routes that were not taken, if any. */
export function routesLeftOut(
  count: number,
  needed: NeededRoutes | undefined,
): Pick<NetworkState, 'routesLeftOut'> {
  return count === 0 || needed === undefined
    ? {}
    : { routesLeftOut: { count, wholeFor: [...needed.networks] } }
}

/** The number that a route's key has for its destination, or null for what is no address. */
export function firstBits(text: string): { family: Family; first: number; prefix: number } | null {
  const [, a, b, c, d, length] = IPV4.exec(text) ?? []
  if (a !== undefined) {
    const first = ((Number(a) * 256 + Number(b)) * 256 + Number(c)) * 256 + Number(d)
    return { family: 'ipv4', first, prefix: Number(length ?? 32) }
  }
  const parsed = parseNetwork(text)
  if (parsed === null) return null
  const { family, prefix } = parsed
  return { family, prefix, first: Number(firstOf(parsed) >> BigInt(BITS[family] - KNOWN_BITS[family])) }
}

/** By hand: there may be a million. */
const IPV4 = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/

/** First and last number. */
type Range = [number, number]

function lastOf(family: Family, first: number, prefix: number): number {
  return first + (SIZES[Math.max(KNOWN_BITS[family] - prefix, 0)] ?? 1) - 1
}

const SIZES = Array.from({ length: 49 }, (_, bits) => 2 ** bits)

/** In order, without overlaps. */
function rangesOf(family: Family, networks: readonly string[]): Range[] {
  const all = networks
    .filter(text => familyOf(text) === family)
    .flatMap(text => firstBits(text) ?? [])
    .map(({ first, prefix }): Range => [first, lastOf(family, first, prefix)])
    .toSorted(([a], [b]) => a - b)
  const merged: Range[] = []
  for (const [from, to] of all) {
    const last = merged.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else merged.push([from, to])
  }
  return merged
}

function overlapsAny(ranges: Range[], from: number, to: number): boolean {
  let low = 0
  let high = ranges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ranges[middle]?.[1] ?? 0) < from) low = middle + 1
    else high = middle
  }
  const candidate = ranges[low]
  return candidate !== undefined && candidate[0] <= to
}
