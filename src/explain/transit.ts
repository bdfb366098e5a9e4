import { addressOf, cidr, contains, type Family, familyOf, isLinkLocal } from '../model/address.ts'
import type { Source } from '../model/diagnostic.ts'
import { linkNamed } from '../model/host/by-name.ts'
import type { NetworkStack, Routed } from '../model/host/network-stack.ts'
import { LOCAL_TABLE } from '../model/host/rtnetlink.ts'
import { routesTo } from '../model/routing/routes-to.ts'
import { type Connection, type Packet, reversed, sameTuple, type Tuple } from './packet.ts'
import type { Diversion } from './routing/diversion.ts'
import type { Sight } from './rules/conditions.ts'
import type { Course, NativeStop, WalkEnd, WalkFailure } from './world.ts'

/** A packet in one network namespace, from where it comes in or is made to where it leaves or ends. */
export interface Transit {
  place: NetworkStack
  course: Course
  packet: Packet
  input: string | null
  output: string | null
  /** The next hop, where it is not the destination itself. */
  via: string | null
  /** Null where nothing is remembered of it: untracked, or an answer to nothing. */
  connection: Connection | null
  tracking: 'NEW' | 'ESTABLISHED' | 'INVALID' | 'UNTRACKED'
  /** Passes the bridge hooks, where br_netfilter hands segments' own traffic to iptables. */
  bridged: boolean
  diversion?: Diversion
}

/** Begins the packet's way through a place: what is remembered there tells whether it is new. */
export function enter(
  course: Course,
  place: NetworkStack,
  packet: Packet,
  input: string | null,
  bridged = false,
): Transit {
  const base = { place, course, packet, input, output: null, via: null, bridged }
  const known = course.connections.get(place.name) ?? []
  const again = known.find(({ original }) => sameTuple(original, packet.tuple))
  if (again) return { ...base, connection: again, tracking: again.answered ? 'ESTABLISHED' : 'NEW' }
  const answered = known.find(({ translated }) => sameTuple(reversed(translated), packet.tuple))
  if (answered) {
    answered.answered = true
    return { ...base, connection: answered, tracking: 'ESTABLISHED' }
  }
  // The middle of what was never begun; UDP has no middle.
  if (packet.reply && packet.protocol !== 'udp') return { ...base, connection: null, tracking: 'INVALID' }
  const connection: Connection = {
    original: packet.tuple,
    translated: packet.tuple,
    mark: 0,
    destinationDone: false,
    sourceDone: false,
    answered: false,
  }
  return { ...base, connection, tracking: 'NEW' }
}

/** The kernel keeps a connection once its first packet has come through. */
export function remember({ course, place, connection }: Transit): void {
  if (connection === null) return
  const known = course.connections.get(place.name) ?? []
  if (!known.includes(connection)) course.connections.set(place.name, [...known, connection])
}

/** What matches see of it. `back` is filled where a rule asks for the way back. */
export function sightOf(transit: Transit, back: Routed | null): Sight {
  const { place, packet, input, output, connection, tracking, bridged } = transit
  const states = new Set<string>([tracking])
  if (connection && connection.original.destination !== connection.translated.destination) states.add('DNAT')
  if (connection && connection.original.destinationPort !== connection.translated.destinationPort)
    states.add('DNAT')
  if (connection && connection.original.source !== connection.translated.source) states.add('SNAT')
  return {
    packet,
    input,
    output,
    states,
    direction: isAnswer(transit) ? 'REPLY' : 'ORIGINAL',
    connectionMark: connection?.mark ?? 0,
    original: connection?.original ?? null,
    groupOf: link => linkNamed(place.network.links, link ?? '')?.group ?? null,
    typeOf: address => addressType(place, address),
    back,
    bridged,
  }
}

/** LOCAL for every address that the place answers to. */
export function addressType(place: NetworkStack, address: string): string | null {
  if (isLocal(place, address)) return 'LOCAL'
  const value = cidr(address)
  if (contains(MULTICAST[value.family], value)) return 'MULTICAST'
  if (address === '255.255.255.255') return 'BROADCAST'
  const routes = routesTo(place.network.routes, value)
  const typed = routes.find(({ type, table }) => table === LOCAL_TABLE && type !== 'local')
  if (typed) return typed.type.toUpperCase()
  const special = routes.find(({ to, type }) => SPECIAL.includes(type) && !to.endsWith('/0'))
  return special ? null : 'UNICAST'
}

const SPECIAL = ['blackhole', 'unreachable', 'prohibit', 'throw']
const MULTICAST: Record<Family, ReturnType<typeof cidr>> = {
  ipv4: cidr('224.0.0.0/4'),
  ipv6: cidr('ff00::/8'),
}

/** Whether an address is the place's own: by its local routes, which the whole of 127.0.0.0/8 is one of. */
export function isLocal({ network }: NetworkStack, address: string): boolean {
  return routesTo(network.routes, cidr(address)).some(
    ({ type, table }) => type === 'local' && table === LOCAL_TABLE,
  )
}

/** The address a packet gets that leaves through a link: one of the next hop's network, else its first. */
export function addressToward(place: NetworkStack, dev: string, next: string): string | null {
  const family = familyOf(next)
  const own = (linkNamed(place.network.links, dev)?.addresses ?? []).filter(
    ({ address }) => familyOf(address) === family,
  )
  const near = own.find(({ address }) => contains(cidr(address), cidr(next)))
  const far = own.find(({ address }) => !isLinkLocal(cidr(address)))
  const found = near ?? far
  return found ? addressOf(found.address) : null
}

export function failed(
  transit: { place: { name: string } },
  why: WalkFailure,
  detail: string,
  by: {
    chain: string
    comment?: string
    owner: string | null
    source: Source | null
    native?: NativeStop
  } | null = null,
): Extract<WalkEnd, { kind: 'failed' }> {
  return {
    kind: 'failed',
    why,
    place: transit.place.name,
    detail,
    chain: by?.chain ?? null,
    ...(by?.comment === undefined ? {} : { comment: by.comment }),
    owner: by?.owner ?? null,
    source: by?.source ?? null,
    ...(by?.native ? { native: by.native } : {}),
  }
}

export function note(
  transit: Pick<Transit, 'place' | 'course'>,
  where: string,
  what: string,
  effect = '',
): void {
  transit.course.steps.push({
    place: transit.place.name,
    where,
    what,
    rule: null,
    effect,
    owner: null,
    source: null,
  })
}

/** Writes what the packet is from here on into the packet and into what is remembered of it. */
export function rewrite(transit: Transit, tuple: Tuple): void {
  transit.packet = { ...transit.packet, tuple }
  if (transit.connection && !isAnswer(transit)) transit.connection.translated = tuple
}

export function isAnswer({ packet, tracking }: Transit): boolean {
  return packet.reply && tracking === 'ESTABLISHED'
}
