import { cidr, DEFAULT_ROUTE, type Family, formatCidr, parseAddress, parseCidr } from '../../model/address.ts'
import type { NextHop } from '../../model/host/next-hop.ts'
import type { Link, LinkAddress, PolicyRule, Route } from '../../model/host/snapshot.ts'

/** What `ip -j -d -N addr show` prints of a link, as far as it is read here. */
export interface IpLink {
  ifindex: number
  ifname: string
  altnames?: string[]
  flags: string[]
  mtu: number
  qdisc?: string
  group?: string
  address?: string
  ifalias?: string
  master?: string
  /** The other end's index, where it lies in another namespace. */
  link_index?: number
  link_netnsid?: number
  /** The other end's name, where it lies in the same namespace. */
  link?: string
  linkinfo?: { info_kind?: string; info_slave_data?: { hairpin?: boolean } }
  addr_info?: { local?: string; prefixlen?: number; scope?: string; tentative?: boolean }[]
}

/** A next hop: of a route, or one of several. */
export interface IpNextHop {
  gateway?: string
  /** A gateway of the other family. */
  via?: { host: string }
  dev?: string
  flags?: string[]
}

export interface IpRoute extends IpNextHop {
  type?: string
  dst: string
  from?: string
  tos?: string
  table?: string
  protocol?: string
  prefsrc?: string
  metric?: number
  /** IPv6 routes always have it, IPv4 ones never. */
  pref?: string
  nexthops?: IpNextHop[]
  /** The nexthop object that it names, which may be all that is said of the way on. */
  nh_info?: IpNextHop
}

export interface IpRule {
  priority: number
  src: string
  srclen?: number
  table?: string
  protocol?: string
  [selector: string]: unknown
}

/** A link with what is needed to find the other end of a veth pair. */
export interface RawLink {
  link: Link
  /** Index of the other end in its namespace. */
  peerIndex: number | null
  /** Id of the other end's namespace as this one knows it; null where both lie in this one. */
  peerNamespaceId: number | null
  peerName: string | null
}

export function decodeLinks(json: object[]): RawLink[] {
  return (json as IpLink[]).map(link => ({
    link: decodeLink(link),
    peerIndex: link.link_index ?? null,
    peerNamespaceId: link.link_netnsid ?? null,
    peerName: link.link ?? null,
  }))
}

/** Routes of both families; what has no IP destination (MPLS labels) is left out. */
export function decodeRoutes(json: object[]): Route[] {
  return (json as IpRoute[]).flatMap(route => {
    const family: Family = route.pref !== undefined || route.dst.includes(':') ? 'ipv6' : 'ipv4'
    const to = destination(route.dst, family)
    return to === null ? [] : [decodeRoute(route, family, to)]
  })
}

export function decodeRules(json: object[], family: Family): PolicyRule[] {
  return (json as IpRule[]).map(({ priority, src, srclen, table, protocol, ...selector }) => ({
    family,
    priority,
    from: src === 'all' ? 'all' : withPrefix(src, srclen),
    table: Number(table ?? 0),
    protocol: Number(protocol ?? 0),
    selector: Object.fromEntries(Object.entries(selector).map(([key, value]) => [key, printed(value)])),
  }))
}

function decodeLink(link: IpLink): Link {
  return {
    index: link.ifindex,
    name: link.ifname,
    ...(link.altnames === undefined ? {} : { altnames: link.altnames }),
    kind: link.linkinfo?.info_kind ?? null,
    up: link.flags.includes('UP'),
    mtu: link.mtu,
    mac: link.address ?? '',
    group: Number(link.group ?? 0),
    alias: link.ifalias ?? null,
    master: link.master ?? null,
    peer: null,
    addresses: (link.addr_info ?? []).flatMap(decodeAddress),
    qdisc: isDefaultQdisc(link.qdisc) ? null : { kind: link.qdisc ?? '', rate: null },
    hairpin: link.linkinfo?.info_slave_data?.hairpin ?? false,
  }
}

/** What the kernel puts there by itself: none for virtual links, else net.core.default_qdisc. */
function isDefaultQdisc(qdisc: string | undefined): boolean {
  return qdisc === undefined || ['noqueue', 'noop', 'mq', 'pfifo_fast', 'fq_codel', 'fq'].includes(qdisc)
}

const SCOPES: Record<string, LinkAddress['scope']> = { 0: 'global', 200: 'site', 253: 'link', 254: 'host' }

function decodeAddress({ local, prefixlen, scope, tentative }: NonNullable<IpLink['addr_info']>[number]) {
  if (local === undefined) return []
  return [
    {
      address: withPrefix(local, prefixlen),
      scope: SCOPES[scope ?? '0'] ?? 'global',
      tentative: tentative ?? false,
    },
  ]
}

/** RTN_… of linux/rtnetlink.h, by number. */
const ROUTE_TYPES: readonly (Route['type'] | undefined)[] = [
  undefined,
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
]

function decodeRoute(route: IpRoute, family: Family, to: string): Route {
  const { nexthops, from, tos, nh_info: object } = route
  const { via, dev, onlink } = decodeHop(route.dev === undefined && object !== undefined ? object : route)
  return {
    family,
    to,
    via,
    dev,
    table: Number(route.table ?? 254),
    protocol: Number(route.protocol ?? 0),
    metric: route.metric ?? 0,
    type: ROUTE_TYPES[Number(route.type ?? 1)] ?? 'unicast',
    source: route.prefsrc ?? null,
    ...(nexthops === undefined ? {} : { multipath: true as const, hops: nexthops.map(decodeHop) }),
    ...(onlink === undefined ? {} : { onlink }),
    ...(from === undefined ? {} : { from: destination(from, family) ?? from }),
    ...(tos === undefined ? {} : { tos }),
  }
}

function decodeHop({ gateway, via, dev, flags = [] }: IpNextHop): NextHop {
  return {
    via: gateway ?? via?.host ?? null,
    dev: dev ?? null,
    ...(flags.includes('onlink') ? { onlink: true as const } : {}),
    ...(flags.includes('dead') ? { dead: true as const } : {}),
  }
}

/** Most routes are the same in all of a thousand namespaces. */
const canonical = new Map<string, string | null>()

function destination(dst: string, family: Family): string | null {
  if (dst === 'default') return DEFAULT_ROUTE[family]
  const known = canonical.get(dst)
  if (known !== undefined) return known
  const made = canonicalOf(dst)
  if (canonical.size < MOST_KEPT) canonical.set(dst, made)
  return made
}

/** A watcher reads for months, and addresses come and go. */
const MOST_KEPT = 10_000

function canonicalOf(dst: string): string | null {
  const parsed = dst.includes('/') ? parseCidr(dst) : parseAddress(dst)
  return parsed === null ? null : formatCidr(parsed)
}

function withPrefix(address: string, prefix: number | undefined): string {
  // As inet_ntop(3) has it; the canonical form differs only in an IPv6 address that ends in an IPv4 one.
  const canonical = !(address.includes(':') && address.includes('.'))
  if (canonical && prefix !== undefined) return `${address}/${prefix}`
  const parsed = parseAddress(address)
  if (parsed === null) return prefix === undefined ? address : `${address}/${prefix}`
  return formatCidr({ ...parsed, prefix: prefix ?? cidr(address).prefix })
}

/** A flag such as `not` is printed with null for its value. */
function printed(value: unknown): string | number {
  if (value === null || value === true) return 1
  return typeof value === 'number' ? value : String(value)
}
