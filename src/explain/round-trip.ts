import { cidr, contains, isLinkLocal, isUniqueLocal } from '../model/address.ts'
import type { NetworkStack } from '../model/host/network-stack.ts'
import { type Arrival, receive, send } from './journey.ts'
import { type Flow, outcomeOf, type Verdict } from './judgement.ts'
import { endpoint, type Packet, reversed, sameTuple, type Tuple, UNSPECIFIED } from './packet.ts'
import { failed, isLocal } from './transit.ts'
import { type Course, type Hop, stackNamed, type Unknown, type Walking } from './world.ts'

/** A packet of a flow, and the answer to it, under one set of assumptions. */
export interface RoundTrip {
  verdict: Verdict
  /** The verdict in one line, which tells it from others. */
  outcome: string
  request: Hop[]
  reply: Hop[]
  /** Unknowns in the order they were met. */
  unknowns: Unknown[]
}

/** Follows the packet to its end, and the answer from there back to where it started. */
export function* roundTrip(
  flow: Flow,
  assumed: Course['assumed'],
  sourceOf: Course['sourceOf'],
): Walking<RoundTrip> {
  const { place, input } = flow.from
  const request: Course = {
    ...{ steps: [], unknowns: [], assumed, connections: new Map(), sourceOf },
    edge: input === null ? null : { place, dev: input },
  }
  const reply: Course = { ...request, steps: [] }
  const verdict = yield* verdictOn(flow, request, reply)
  return {
    verdict,
    outcome: outcomeOf(verdict),
    request: request.steps,
    reply: reply.steps,
    unknowns: request.unknowns,
  }
}

/** `request` and `reply` note the steps of each direction; they share the connections and the unknowns. */
function* verdictOn(flow: Flow, request: Course, reply: Course): Walking<Verdict> {
  const start = yield* stackNamed(flow.from.place)
  if (start === null) return unreadable(flow.from.place)
  const { arrival, sent } = yield* follow(flow, start, request)
  if (arrival.end.kind === 'failed') return { ...arrival.end, direction: 'request' }
  const answering = yield* stackNamed(arrival.end.place)
  if (answering === null) return arrival.end
  const unanswered = privateBeyond(arrival, answering)
  if (unanswered !== null) return unanswered
  const answered = yield* answer(arrival, answering, reply)
  return astray(flow, reversed(sent), answered) ?? arrival.end
}

/** Sends the packet, or lets it in by its link. `sent` is what it was before anything translated it. */
function* follow(
  flow: Flow,
  start: NetworkStack,
  course: Course,
): Walking<{ arrival: Arrival; sent: Tuple }> {
  const packet = packetOf(flow)
  const { input } = flow.from
  if (input !== null) return { arrival: yield* receive(course, start, packet, input, 0), sent: packet.tuple }
  const hasSource = flow.source !== null && isLocal(start, flow.source)
  const arrival = yield* send(course, start, packet, hasSource)
  // The sender's kernel has chosen the source meanwhile.
  return { arrival, sent: course.connections.get(start.name)?.[0]?.original ?? packet.tuple }
}

function* answer({ end, packet }: Arrival, place: NetworkStack, course: Course): Walking<Arrival> {
  const back: Packet = { ...packet, tuple: reversed(packet.tuple), reply: true, mark: 0 }
  return end.kind === 'leaves'
    ? yield* receive(course, place, back, end.dev, 0)
    : yield* send(course, place, back, true)
}

function packetOf({ family, protocol, source, destination, port }: Flow): Packet {
  const ports = protocol !== 'icmp'
  const tuple = {
    source: source ?? UNSPECIFIED[family],
    sourcePort: ports ? ('ephemeral' as const) : null,
    destination,
    destinationPort: ports ? port : null,
  }
  return { family, protocol, tuple, reply: false, mark: 0 }
}

function unreadable(name: string): Verdict {
  const end = failed({ place: { name } }, 'unreadable', `${name} cannot be looked into`)
  return { ...end, direction: 'request' }
}

/** Outside nobody knows the way back to a private address: it has to be masqueraded here. */
function privateBeyond({ end, packet }: Arrival, place: NetworkStack): Verdict | null {
  const { source, destination } = packet.tuple
  if (end.kind !== 'leaves' || isLocal(place, source)) return null
  if (!isPrivate(source) || isPrivate(destination)) return null
  const detail = `it leaves ${place.name} through ${end.dev} as ${source}, a private address: nobody out there can answer`
  return { ...failed({ place }, 'not-masqueraded', detail), direction: 'reply' }
}

/** What is wrong with how an answer ends; null where it is what was asked for. */
function astray(flow: Flow, expected: Tuple, { end, packet }: Arrival): Verdict | null {
  const wrong = (detail: string): Verdict => ({
    ...failed({ place: { name: end.place } }, 'answer-astray', detail),
    direction: 'reply',
  })
  if (end.kind === 'failed') return { ...end, direction: 'reply' }
  const { input, place } = flow.from
  if (end.kind === 'leaves' && (end.place !== place || end.dev !== input))
    return wrong(`the answer leaves ${end.place} through ${end.dev}`)
  if (end.kind === 'delivered' && input === null && end.place !== place)
    return wrong(`the answer ends in ${end.place}`)
  if (sameTuple(packet.tuple, expected)) return null
  const from = endpoint(packet.tuple.source, packet.tuple.sourcePort)
  const meant = endpoint(expected.source, expected.sourcePort)
  return wrong(
    from === meant
      ? `the answer is for ${packet.tuple.destination}, not for ${expected.destination}`
      : `the answer comes from ${from}, not from ${meant}: whoever asked does not take it`,
  )
}

function isPrivate(address: string): boolean {
  const value = cidr(address)
  return isUniqueLocal(value) || isLinkLocal(value) || PRIVATE.some(network => contains(network, value))
}

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8'].map(text =>
  cidr(text),
)
