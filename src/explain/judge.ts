import type { Flow, Judgement } from './judgement.ts'
import { type RoundTrip, roundTrip } from './round-trip.ts'
import type { Course, Unknown, Walking } from './world.ts'

type Assumptions = Course['assumed']

/** More round trips than this are not walked: the verdict is open. */
const MOST_TRIPS = 64

/**
 * Follows a flow there and back. What cannot be evaluated is tried both ways: there is a verdict only where every
 * combination ends the same.
 */
export function* judge(flow: Flow, sourceOf: Course['sourceOf']): Walking<Judgement> {
  const { trips, isComplete } = yield* tryAll(assumed => roundTrip(flow, assumed, sourceOf))
  const [{ verdict, request, reply }] = trips
  const outcomes = [...new Set(trips.map(trip => trip.outcome))]
  const unknowns = withoutRepeats(trips.flatMap(trip => trip.unknowns))
  if (isComplete && outcomes.length === 1) return { flow, verdict, request, reply, immaterial: unknowns }
  return { flow, verdict: { kind: 'undetermined', unknowns, outcomes }, request, reply, immaterial: [] }
}

/** A round trip for each combination of unknowns; the first takes all of them for false. */
function* tryAll(
  walk: (assumed: Assumptions) => Walking<RoundTrip>,
): Walking<{ trips: [RoundTrip, ...RoundTrip[]]; isComplete: boolean }> {
  const first = yield* walk(new Map())
  const trips: [RoundTrip, ...RoundTrip[]] = [first]
  const untried = alternativesTo(new Map(), first.unknowns)
  while (trips.length < MOST_TRIPS) {
    const assumed = untried.pop()
    if (assumed === undefined) break
    const trip = yield* walk(assumed)
    trips.push(trip)
    untried.push(...alternativesTo(assumed, trip.unknowns))
  }
  return { trips, isComplete: untried.length === 0 }
}

/**
 * A trip took every unknown that it met, beyond those assumed, for false. Each alternative goes the same way up to one of
 * these and takes that one for true. What it meets from there on branches again; so each combination is tried once.
 */
function alternativesTo(assumed: Assumptions, met: Unknown[]): Assumptions[] {
  const open = met.filter(({ key }) => !assumed.has(key))
  return open.map(({ key }, i) => {
    const sameUntilHere = open.slice(0, i).map((unknown): [string, boolean] => [unknown.key, false])
    return new Map([...assumed, ...sameUntilHere, [key, true]])
  })
}

/** A rule that both the packet and its answer meet is listed once. */
function withoutRepeats(unknowns: Unknown[]): Unknown[] {
  return [...new Map(unknowns.map(unknown => [unknown.text, unknown])).values()]
}
