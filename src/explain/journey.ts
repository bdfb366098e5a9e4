import { hears } from '../model/host/listener.ts'
import type { NetworkStack, Routed } from '../model/host/network-stack.ts'
import { printedRule } from '../model/routing/printed.ts'
import { endpoint, type Packet, UNSPECIFIED } from './packet.ts'
import { diversionOf } from './routing/diversion.ts'
import { findNeighbour } from './routing/neighbour.ts'
import { isUp, route } from './routing/routing.ts'
import { passHook, passLinkHook } from './rules/hooks.ts'
import { crossBridge } from './segment.ts'
import { enter, failed, isLocal, note, remember, type Transit } from './transit.ts'
import { type Course, stackNamed, type WalkEnd, type Walking } from './world.ts'

/** More than any sane path has; routers that send a packet around in a circle stop here. */
const MOST_HOPS = 16

export interface Arrival {
  end: WalkEnd
  /** As it looks where it ends. */
  packet: Packet
}

/** Sends a packet from a place and follows it to its end. `bound`: the socket has its source address already. */
export function* send(course: Course, place: NetworkStack, packet: Packet, bound: boolean): Walking<Arrival> {
  const first = yield* route(enter(course, place, packet, null), bound ? packet.tuple.source : null)
  const transit = enter(course, place, withSource(packet, first), null)
  if (first.kind === 'unicast' && transit.packet.tuple.source === UNSPECIFIED[packet.family])
    return ended(transit, failed(transit, 'no-address', `${place.name} has no address to send from`))
  const refused = leaving(transit, first)
  if (refused) return ended(transit, refused)
  const before = transit.packet
  const stopped = yield* passHook(transit, 'OUTPUT')
  if (stopped) return ended(transit, stopped)
  const { tuple, mark } = transit.packet
  const changed = tuple.destination !== before.tuple.destination || mark !== before.mark
  // The kernel routes again what a rule has sent elsewhere.
  const again = changed ? yield* route(transit, isLocal(place, tuple.source) ? tuple.source : null) : first
  const lost = changed ? leaving(transit, again) : null
  if (lost) return ended(transit, lost)
  return yield* transmit(transit, again, 0)
}

/** The kernel chooses the source by the route, unless the socket has one. */
function withSource(packet: Packet, way: Routed): Packet {
  const { tuple, family } = packet
  if (tuple.source !== UNSPECIFIED[family]) return packet
  const chosen = way.kind === 'local' || way.kind === 'unicast' ? way.source : null
  const source = chosen ?? (way.kind === 'local' ? tuple.destination : tuple.source)
  return { ...packet, tuple: { ...tuple, source } }
}

/** What comes in by a link: from outside, or from the other end of a pair. */
export function* receive(
  course: Course,
  place: NetworkStack,
  packet: Packet,
  input: string,
  hops: number,
): Walking<Arrival> {
  const transit = enter(course, place, packet, input)
  return yield* comeIn(transit, hops)
}

function* comeIn(transit: Transit, hops: number): Walking<Arrival> {
  if (hops > MOST_HOPS)
    return ended(transit, failed(transit, 'loop', `it goes around: more than ${MOST_HOPS} hops`))
  const stopped =
    (yield* passLinkHook(transit, 'netdev', 'ingress')) ?? (yield* passHook(transit, 'PREROUTING'))
  if (stopped) return ended(transit, stopped)
  // On the loopback the way was found when it was sent.
  const way: Routed =
    transit.input === 'lo'
      ? { kind: 'local', source: null }
      : yield* route(transit, transit.packet.tuple.source)
  const refused = leaving(transit, way)
  if (refused) return ended(transit, refused)
  if (way.kind === 'local') return yield* deliver(transit)
  if (way.kind === 'unicast') transit.output = way.dev
  const dropped = yield* passHook(transit, 'FORWARD')
  if (dropped) return ended(transit, dropped)
  return yield* transmit(transit, way, hops)
}

/** Says which way it goes; returns the end where it goes nowhere. */
function leaving(transit: Transit, way: Routed): WalkEnd | null {
  const { destination } = transit.packet.tuple
  if (way.kind === 'unknown') return failed(transit, 'unreadable', `routing cannot be told: ${way.why}`)
  if (way.kind === 'refused') {
    note(transit, 'route', destination, way.detail)
    return failed(transit, way.why, way.detail)
  }
  if (way.kind === 'local') {
    note(transit, 'route', destination, `to ${transit.place.name} itself`)
    transit.output = 'lo'
    return null
  }
  const by = way.by === undefined ? '' : `, by ${printedRule(way.by)}`
  note(transit, 'route', destination, `${way.via === null ? '' : `via ${way.via} `}dev ${way.dev}${by}`)
  const diversion = diversionOf(transit.place, way, transit.packet.tuple)
  if (diversion !== null) transit.diversion = diversion
  transit.output = way.dev
  transit.via = way.via
  return null
}

function* transmit(transit: Transit, way: Routed, hops: number): Walking<Arrival> {
  const stopped = yield* passHook(transit, 'POSTROUTING')
  if (stopped) return ended(transit, stopped)
  remember(transit)
  if (way.kind === 'local') return yield* comeIn({ ...transit, input: 'lo', output: null }, hops + 1)
  if (way.kind !== 'unicast') return ended(transit, failed(transit, 'no-route', 'nowhere to go'))
  return yield* cross(transit, way, hops)
}

/** Over the wire: to the other end of a pair, through the bridges in between, or out of sight. */
function* cross(
  transit: Transit,
  { dev, via }: { dev: string; via: string | null },
  hops: number,
): Walking<Arrival> {
  const { place, packet, course } = transit
  if (!isUp(place, dev)) return ended(transit, failed(transit, 'link-down', `${dev} is down`))
  const held = yield* passLinkHook(transit, 'netdev', 'egress')
  if (held) return ended(transit, held)
  if (course.edge?.place === place.name && course.edge.dev === dev)
    return ended(transit, { kind: 'leaves', place: place.name, dev, via })
  const next = via ?? packet.tuple.destination
  const found = yield* findNeighbour(place, dev, next)
  if (found.kind === 'outside') return ended(transit, { kind: 'leaves', place: place.name, dev, via })
  if (found.kind === 'nobody') return ended(transit, failed(transit, found.why, found.detail))
  // A packet that is new to a namespace bears no mark there.
  let onward = { ...packet, mark: found.place === place.name ? packet.mark : 0 }
  if (found.bridge !== null) {
    const crossed = yield* crossBridge(course, onward, found.bridge)
    if (crossed.end) return { end: crossed.end, packet }
    onward = { ...crossed.packet, mark: found.place === found.bridge.place ? crossed.packet.mark : 0 }
  }
  const far = yield* stackNamed(found.place)
  if (far === null)
    return ended(transit, failed(transit, 'unreadable', `${found.place} cannot be looked into`))
  note(
    transit,
    'link',
    dev,
    `${found.bridge === null ? '' : `over the bridge ${found.bridge.name} `}to ${found.place}:${found.input}`,
  )
  return yield* receive(course, far, onward, found.input, hops + 1)
}

/** To a process of the place, or to the kernel itself. */
function* deliver(transit: Transit): Walking<Arrival> {
  const { place } = transit
  transit.output = null
  const stopped = yield* passHook(transit, 'INPUT')
  if (stopped) return ended(transit, stopped)
  remember(transit)
  const { packet } = transit
  const { destination, destinationPort } = packet.tuple
  const port = typeof destinationPort === 'number' ? destinationPort : null
  const delivered = (process: string | null) =>
    ended(transit, { kind: 'delivered', place: place.name, port, process })
  if (packet.reply) return delivered(null)
  if (packet.protocol === 'icmp') {
    const key = packet.family === 'ipv4' ? 'net/ipv4/icmp_echo_ignore_all' : 'net/ipv6/icmp/echo_ignore_all'
    return place.network.sysctls[key] === '1'
      ? ended(transit, failed(transit, 'ignored', `${place.name} answers no pings`))
      : delivered(null)
  }
  if (place.allListening) return delivered(null)
  const onPort = place.listeners.filter(one => one.protocol === packet.protocol && one.port === port)
  const listener = onPort.find(one => hears(one, destination))
  const where = `${packet.protocol} ${endpoint(destination, destinationPort)}`
  note(transit, 'socket', where, listener ? (listener.process ?? 'a process') : 'nothing listens')
  if (listener) return delivered(listener.process ?? 'a process')
  const [elsewhere] = onPort
  const near = elsewhere ? `; ${elsewhere.process ?? 'a process'} listens on ${elsewhere.address} only` : ''
  return ended(transit, failed(transit, 'no-listener', `nothing listens on ${where} in ${place.name}${near}`))
}

function ended({ packet, diversion }: Transit, end: WalkEnd): Arrival {
  if (end.kind !== 'failed' || diversion === undefined) return { end, packet }
  return { end: { ...end, detail: `${end.detail}; ${diversion.text}`, diversion }, packet }
}
