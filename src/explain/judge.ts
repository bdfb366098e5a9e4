import { cidr, contains, type Family, isLinkLocal, isUniqueLocal } from '../model/address.ts'
import type { Source } from '../model/diagnostic.ts'
import type { Place } from '../model/place.ts'
import { type Arrival, receive, send } from './journey.ts'
import {
  endpoint,
  type Packet,
  type Protocol,
  reversed,
  sameTuple,
  type Tuple,
  UNSPECIFIED,
} from './packet.ts'
import { failed, isLocal } from './transit.ts'
import { type Course, type End, placeNamed, type Step, type Unknown, type Walking } from './world.ts'

type Failed = Extract<End, { kind: 'failed' }>

/** A flow as it is asked about. */
export interface Flow {
  protocol: Protocol
  family: Family
  /** Where it starts; `input` for what comes from outside by one of the host's links. */
  from: { place: string; input: string | null }
  /** Null: the sender's kernel chooses. */
  source: string | null
  destination: string
  port: number | null
}

export type Verdict =
  /** It gets there, and the answer back. */
  | { kind: 'delivered'; place: string; port: number | null; process: string | null }
  /** It leaves this host as it should; what is beyond is out of sight. */
  | { kind: 'leaves'; place: string; dev: string; via: string | null }
  | (Failed & { direction: 'request' | 'reply' })
  | { kind: 'undetermined'; unknowns: Unknown[]; outcomes: string[] }

export interface Judgement {
  flow: Flow
  verdict: Verdict
  request: Step[]
  reply: Step[]
  /** Unknowns that make no difference. */
  immaterial: Unknown[]
}

/** More unknowns than this are not tried in all their combinations: the verdict is open. */
const MOST_WALKS = 64

/**
 * Walks a flow there and back. What cannot be evaluated is tried both ways: only where all come to the same is there a
 * verdict.
 */
export function* judge(
  flow: Flow,
  sourceOf: (topology: string, rule: string) => Source | null,
): Walking<Judgement> {
  const first = yield* walkOnce(flow, sourceOf, new Map())
  const seen = new Map(first.unknowns.map(unknown => [unknown.key, unknown]))
  const verdicts = [first.verdict]
  const open = branches(new Map(), first.unknowns)
  let walks = 1
  while (open.length > 0 && walks < MOST_WALKS) {
    const assumed = open.pop() ?? new Map()
    const next = yield* walkOnce(flow, sourceOf, assumed)
    walks++
    for (const unknown of next.unknowns) seen.set(unknown.key, unknown)
    verdicts.push(next.verdict)
    open.push(...branches(assumed, next.unknowns))
  }
  const outcomes = [...new Set(verdicts.map(outcomeOf))]
  const { verdict, request, reply } = first
  // A rule that both the packet and its answer meet is one to look at.
  const unknowns = [...new Map([...seen.values()].map(unknown => [unknown.text, unknown])).values()]
  if (outcomes.length === 1 && open.length === 0)
    return { flow, verdict, request, reply, immaterial: unknowns }
  return { flow, verdict: { kind: 'undetermined', unknowns, outcomes }, request, reply, immaterial: [] }
}

/** Each unknown that was met behind those supposed so far, taken for true, with all before it as they were. */
function branches(assumed: ReadonlyMap<string, boolean>, met: Unknown[]): Map<string, boolean>[] {
  const fresh = met.filter(({ key }) => !assumed.has(key))
  return fresh.map(
    (_, i) =>
      new Map([
        ...assumed,
        ...fresh.slice(0, i).map(({ key }): [string, boolean] => [key, false]),
        ...fresh.slice(i, i + 1).map(({ key }): [string, boolean] => [key, true]),
      ]),
  )
}

/** One line that tells an outcome from another. */
export function outcomeOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'delivered':
      return verdict.process === null ? `delivered in ${verdict.place}` : `delivered to ${verdict.process}`
    case 'leaves':
      return `leaves ${verdict.place} through ${verdict.dev}`
    case 'failed':
      return verdict.direction === 'reply' ? `no answer: ${verdict.detail}` : verdict.detail
    case 'undetermined':
      return 'undetermined'
  }
}

interface Walk {
  verdict: Verdict
  request: Step[]
  reply: Step[]
  unknowns: Unknown[]
}

function* walkOnce(
  flow: Flow,
  sourceOf: Course['sourceOf'],
  assumed: ReadonlyMap<string, boolean>,
): Walking<Walk> {
  const course: Course = {
    ...{ steps: [], unknowns: [], assumed, connections: new Map(), sourceOf },
    edge: flow.from.input === null ? null : { place: flow.from.place, dev: flow.from.input },
  }
  const place = yield* placeNamed(flow.from.place)
  if (place === null) {
    const end = failed(
      { place: { name: flow.from.place } },
      'unreadable',
      `${flow.from.place} cannot be looked into`,
    )
    return { verdict: { ...end, direction: 'request' }, request: [], reply: [], unknowns: [] }
  }
  const packet = packetOf(flow)
  const there =
    flow.from.input === null
      ? yield* send(course, place, packet, flow.source !== null && isLocal(place, flow.source))
      : yield* receive(course, place, packet, flow.from.input, 0)
  const request = course.steps
  const asked =
    flow.from.input === null
      ? (course.connections.get(place.name)?.[0]?.original ?? packet.tuple)
      : packet.tuple
  const walk = (verdict: Verdict, reply: Step[]): Walk => ({
    verdict,
    request,
    reply,
    unknowns: course.unknowns,
  })
  if (there.end.kind === 'failed') return walk({ ...there.end, direction: 'request' }, [])
  const answering = yield* placeNamed(there.end.place)
  const lost = unanswered(there, answering)
  if (lost !== null || answering === null) return walk(lost ?? there.end, [])
  course.steps = []
  const answer = { ...there.packet, tuple: reversed(there.packet.tuple), reply: true, mark: 0 }
  const back =
    there.end.kind === 'leaves'
      ? yield* receive(course, answering, answer, there.end.dev, 0)
      : yield* send(course, answering, answer, true)
  return walk(notBack(flow, reversed(asked), back) ?? there.end, course.steps)
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

/** Outside nobody knows the way back to a private address: it has to be masqueraded here. */
function unanswered({ end, packet }: Arrival, place: Place | null): Verdict | null {
  const { source, destination } = packet.tuple
  if (end.kind !== 'leaves' || place === null || isLocal(place, source)) return null
  if (!isPrivate(source) || isPrivate(destination)) return null
  const detail = `it leaves ${place.name} through ${end.dev} as ${source}, a private address: nobody out there can answer`
  return { ...failed({ place }, 'not-masqueraded', detail), direction: 'reply' }
}

/** What is wrong with how an answer ends; null where it is what was asked for. */
function notBack(flow: Flow, expected: Tuple, { end, packet }: Arrival): Verdict | null {
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
