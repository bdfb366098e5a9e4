import {
  addressOf,
  cidr,
  contains,
  FAMILIES,
  FAMILY_NAMES,
  type Family,
  familyOf,
  formatAddress,
  isLinkLocal,
  parseAddress,
  usableAddresses,
} from '../model/address.ts'
import { linkCalled, linkNamed } from '../model/host/by-name.ts'
import { hears } from '../model/host/listener.ts'
import { MAIN_TABLE } from '../model/host/rtnetlink.ts'
import type { Listener, NetworkState, Route, Snapshot } from '../model/host/snapshot.ts'
import { isDefaultOrPiece, waysOut } from '../model/routing/outside.ts'
import { everyHopOf, nextHopsOf } from '../model/routing/policy.ts'
import type { Flow } from './judgement.ts'
import type { PacketProtocol } from './packet.ts'

/** A flow as people name it. */
export interface NamedFlow {
  protocol: PacketProtocol
  /** A namespace, `host` or `outside`. */
  from: string
  /** `netns1:8080`, `host:6000`, `192.0.2.1:53`, `[2001:db8::1]:53`; without port for ICMP. */
  to: string
  /** Null: every family that both ends have. */
  family: Family | null
  /** For `outside`: where it comes in, and from whom; null: chosen. */
  uplink: string | null
  source: string | null
}

const HOST = 'host'
const OUTSIDE = 'outside'

/** RFC 5737 and RFC 3849 addresses stand for anybody out there: they belong to nobody. */
const ANYBODY: Record<Family, string> = { ipv4: '198.51.100.7', ipv6: '2001:db8:51::7' }

interface Target {
  place: string
  /** Null for ICMP. */
  port: number | null
}

/** The parts of a target; text where it is misspelt, on whatever host. */
export function targetNamed({ protocol, to }: Pick<NamedFlow, 'protocol' | 'to'>): Target | string {
  const target = parseTo(to)
  if (target === null) return `${to}: write it as NAMESPACE:PORT, host:PORT or ADDRESS:PORT`
  if (protocol === 'icmp' && target.port !== null) return 'ICMP has no ports: leave it out'
  if (protocol !== 'icmp' && target.port === null) return `${protocol} needs a port: ${to}:80`
  return target
}

/** Who and what a name means on this host; text where it means nothing. */
export function flowsNamed(named: NamedFlow, snapshot: Snapshot): Flow[] | string {
  const to = targetNamed(named)
  if (typeof to === 'string') return to
  const { protocol } = named
  const unknown = [named.from, to.place].find(place => !isPlace(place, snapshot))
  if (unknown !== undefined) return unknownPlace(unknown, snapshot)
  if (to.place === OUTSIDE) return 'for a machine outside write its address'
  const wanted = [named.family, addressFamily(named.source), addressFamily(to.place)]
  const families = FAMILIES.filter(family => wanted.every(one => one === null || one === family))
  const flows = families.flatMap((family): (Flow | string)[] => {
    const start = startOf(named, family, snapshot)
    if (typeof start === 'string') return [start]
    const destination = destinationOf(to, protocol, start, family, snapshot)
    if (destination === null) return [`${to.place} has no ${FAMILY_NAMES[family]} address`]
    return [{ protocol, family, ...start, destination, port: to.port }]
  })
  const found = flows.filter(flow => typeof flow !== 'string')
  if (found.length > 0) return found
  return flows.find(flow => typeof flow === 'string') ?? 'its two ends have no family of addresses in common'
}

type Start = Pick<Flow, 'from' | 'source'>

function startOf({ from, uplink, source }: NamedFlow, family: Family, snapshot: Snapshot): Start | string {
  if (from !== OUTSIDE) {
    const has = ownAddresses(networkOf(from, snapshot), family).length > 0 || from === HOST
    return has
      ? { from: { place: from, input: null }, source }
      : `${from} has no ${FAMILY_NAMES[family]} address`
  }
  const name = uplink ?? uplinkOf(snapshot, family)
  if (name === null)
    return `no interface carries a default route for ${FAMILY_NAMES[family]}: name one with --uplink`
  const input = linkCalled(snapshot.host.links, name)?.name
  if (input === undefined) {
    const names = snapshot.host.links.map(link => link.name).join(', ')
    return `${name}: no such interface; those of this host: ${names}`
  }
  return { from: { place: HOST, input }, source: source ?? somebodyBeyond(input, family, snapshot) }
}

/** Who asks from outside comes in by the main table's default route, whatever way policy rules send others. */
function uplinkOf({ host }: Snapshot, family: Family): string | null {
  const routes = host.routes.filter(
    route => route.family === family && route.table === MAIN_TABLE && isDefaultOrPiece(route),
  )
  const width = ({ to }: Route) => cidr(to).prefix
  const [route] = routes.toSorted((a, b) => width(a) - width(b) || a.metric - b.metric)
  const ways = route ? nextHopsOf(route) : waysOut(host, { family, source: null, input: '*' })
  return ways[0]?.dev ?? null
}

/** Anybody where the uplink leads to everybody, else a neighbour on it. */
function somebodyBeyond(input: string, family: Family, { host }: Snapshot): string {
  const leadsOut = host.routes.some(
    route =>
      route.family === family &&
      isDefaultOrPiece(route) &&
      everyHopOf(route).some(({ dev }) => dev === input),
  )
  const [own] =
    linkNamed(host.links, input)?.addresses.filter(live => familyOf(live.address) === family) ?? []
  if (leadsOut || !own) return ANYBODY[family]
  for (const address of usableAddresses(cidr(own.address))) {
    if (address !== addressOf(own.address)) return address
  }
  return ANYBODY[family]
}

function destinationOf(
  { place, port }: Target,
  protocol: PacketProtocol,
  start: Start,
  family: Family,
  snapshot: Snapshot,
): string | null {
  const address = parseAddress(place)
  if (address) return formatAddress(address)
  const { input } = start.from
  if (place === HOST)
    return start.from.place === HOST && input === null
      ? itself(family, snapshot, listener => listener.protocol === protocol && listener.port === port)
      : hostAddress(start, family, snapshot)
  const own = ownAddresses(networkOf(place, snapshot), family)
  const near = input === null ? networksOf(networkOf(start.from.place, snapshot), family) : []
  return own.find(one => near.some(network => contains(network, cidr(one)))) ?? own[0] ?? null
}

/**
 * The host to itself: its loopback. No published port is reached at that of IPv6, for which the kernel has no
 * route_localnet: without a service of the host there it stands for itself under another address.
 */
function itself(
  family: Family,
  { host, listeners }: Snapshot,
  isMeant: (listener: Listener) => boolean,
): string {
  if (family === 'ipv4') return '127.0.0.1'
  const isServed = listeners.some(listener => isMeant(listener) && hears(listener, '::1'))
  return (isServed ? undefined : ownAddresses(host, family)[0]) ?? '::1'
}

/** The host as it is seen from where the packet starts: its uplink, or the namespace's gateway. */
function hostAddress({ from: { place, input } }: Start, family: Family, snapshot: Snapshot): string | null {
  const { host } = snapshot
  if (input !== null) {
    const [own] = addressesOn(host, input, family)
    return own ?? ownAddresses(host, family)[0] ?? null
  }
  const own = ownAddresses(host, family)
  const near = networksOf(networkOf(place, snapshot), family)
  return own.find(one => near.some(network => contains(network, cidr(one)))) ?? own[0] ?? null
}

function networkOf(place: string, { host, namespaces }: Snapshot): NetworkState {
  return place === HOST ? host : (namespaces[place] ?? { links: [], routes: [], rules: [], sysctls: {} })
}

function addressesOn({ links }: NetworkState, name: string, family: Family): string[] {
  return (linkNamed(links, name)?.addresses ?? [])
    .map(({ address }) => addressOf(address))
    .filter(address => familyOf(address) === family && !isLinkLocal(cidr(address)))
}

function ownAddresses(network: NetworkState, family: Family): string[] {
  return network.links
    .filter(({ name }) => name !== 'lo')
    .flatMap(({ name }) => addressesOn(network, name, family))
}

function networksOf({ links }: NetworkState, family: Family) {
  return links
    .filter(({ name }) => name !== 'lo')
    .flatMap(({ addresses }) => addresses)
    .map(({ address }) => cidr(address))
    .filter(one => one.family === family && !isLinkLocal(one))
}

function parseTo(text: string): Target | null {
  if (parseAddress(text)) return { place: text, port: null }
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const place = bracketed ?? plain
  const number = port === undefined ? null : Number(port)
  if (place === undefined || (number !== null && (number < 1 || number > 65535))) return null
  return bracketed === undefined || parseAddress(bracketed) ? { place, port: number } : null
}

function isPlace(text: string, { namespaces }: Snapshot): boolean {
  return [HOST, OUTSIDE].includes(text) || text in namespaces || parseAddress(text) !== null
}

function unknownPlace(text: string, { namespaces }: Snapshot): string {
  const names = Object.keys(namespaces)
  return `${text}: no such namespace; those of this host: ${names.join(', ') || 'none'}; host is the host itself`
}

function addressFamily(text: string | null): Family | null {
  return text === null ? null : (parseAddress(text)?.family ?? null)
}
