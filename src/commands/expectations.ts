import { drive } from '../explain/drive.ts'
import { flowsNamed, OUTSIDE } from '../explain/endpoints.ts'
import { type Flow, type Judgement, judge, outcomeOf } from '../explain/judge.ts'
import { remedyOf } from '../explain/remedy.ts'
import { limited } from '../kernel/lanes.ts'
import { canPing, ping } from '../kernel/ping.ts'
import { probeFrom } from '../kernel/probe.ts'
import { readDatagrams } from '../kernel/read-datagrams.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Expectation, Topology } from '../model/topology.ts'
import type { Finding, ProbeResult } from '../model/verification.ts'
import type { Context } from './context.ts'
import { createWorld, readRuleSources } from './packet-world.ts'

/** A flow of an expectation: a name may stand for an address of each family. */
interface Attempt {
  expectation: Expectation
  flow: Flow
}

interface Outcome {
  reached: boolean | null
  by: Finding['by']
  what: string
  ms: number
  judgement: Judgement
}

/** How long silence is waited out: past the first retransmission of TCP, at one second. */
const PATIENCE = 1_500
/** Each place of departure starts a process of its own. */
const LANES = 8

/** Tries every expectation with real packets where they can be sent from here, all at once. */
export async function tryExpectations(
  { expects }: Topology,
  snapshot: Snapshot,
  context: Context,
): Promise<Finding[]> {
  const named = expects.map(expectation => ({ expectation, flows: flowsOf(expectation, snapshot) }))
  const attempts = named.flatMap(({ expectation, flows }) =>
    typeof flows === 'string' ? [] : flows.map(flow => ({ expectation, flow })),
  )
  const outcomes = await attempt(attempts, snapshot, context)
  return named.map(({ expectation, flows }) => {
    if (typeof flows === 'string') return absent(expectation, flows)
    return findingOf(
      expectation,
      outcomes.filter((_, i) => attempts[i]?.expectation === expectation),
    )
  })
}

function flowsOf({ protocol, from, to }: Expectation, snapshot: Snapshot): Flow[] | string {
  return flowsNamed({ protocol, from, to, family: null, uplink: null, source: null }, snapshot)
}

/** What has no ends is not reachable; whoever expects just that will not be told that it works. */
function absent(expectation: Expectation, why: string): Finding {
  return { expectation, holds: false, reached: null, by: 'none', what: why, ms: 0, why: ['is it applied?'] }
}

/** By name any family will do, as for a client that tries one after the other; unreachable means by none. */
function findingOf(expectation: Expectation, outcomes: Outcome[]): Finding {
  const reached = outcomes.some(one => one.reached)
    ? true
    : outcomes.some(one => one.reached === null)
      ? null
      : false
  const telling = outcomes.find(one => one.reached === reached) ?? outcomes[0]
  if (!telling) return absent(expectation, 'nothing to try')
  const { by, what, ms, judgement } = telling
  const holds = reached === expectation.reachable
  const { verdict } = judgement
  const why =
    holds || !expectation.reachable
      ? []
      : [...(by === 'packets' ? [`explain: ${outcomeOf(verdict)}`] : []), ...remedyOf(judgement)]
  return { expectation, holds, reached, by, what, ms, why }
}

async function attempt(attempts: Attempt[], snapshot: Snapshot, context: Context): Promise<Outcome[]> {
  const world = createWorld(snapshot, context)
  const sourceOf = await readRuleSources(context)
  const judgements = await Promise.all(attempts.map(({ flow }) => drive(judge(flow, sourceOf), world)))
  const sent = await send(attempts, judgements, context)
  return attempts.map(({ expectation, flow }, i) => {
    const judgement = judgements[i] as Judgement
    const probed = sent.get(i)
    if (!probed) return judged(expectation, judgement)
    const { result, received } = probed
    return { ...concluded(flow, result, received, judgement), by: 'packets', ms: result.ms, judgement }
  })
}

/** From outside nothing can be sent here, and without ping no ICMP: the rules are read instead. */
function judged({ from, protocol }: Expectation, judgement: Judgement): Outcome {
  const { verdict } = judgement
  const reached =
    verdict.kind === 'undetermined' ? null : verdict.kind === 'delivered' || verdict.kind === 'leaves'
  const cause =
    from === OUTSIDE ? 'outside cannot send from here' : `no ping on this host to send ${protocol} with`
  return {
    reached,
    by: 'explain',
    what: `judged by explain, ${cause}: ${outcomeOf(verdict)}`,
    ms: 0,
    judgement,
  }
}

interface Sent {
  result: ProbeResult
  /** How many more datagrams the place it should end in has been given meanwhile; null: not counted. */
  received: number | null
}

async function send(
  attempts: Attempt[],
  judgements: Judgement[],
  { run, self }: Context,
): Promise<Map<number, Sent>> {
  const lanes = limited(run, LANES)
  const pings = canPing()
  const sendable = attempts.flatMap(({ expectation, flow }, i) =>
    expectation.from === OUTSIDE || (flow.protocol === 'icmp' && !pings) ? [] : [{ i, flow }],
  )
  const counted = async (i: number, flow: Flow) => {
    const verdict = judgements[i]?.verdict
    const place = verdict?.kind === 'delivered' ? verdict.place : null
    return flow.protocol === 'udp' && place !== null ? readDatagrams(lanes, place, flow.family) : null
  }
  const before = new Map(
    await Promise.all(
      sendable.map(async ({ i, flow }): Promise<[number, number | null]> => [i, await counted(i, flow)]),
    ),
  )
  const results = new Map<number, ProbeResult>()
  const probed = sendable.filter(({ flow }) => flow.protocol !== 'icmp')
  const departures = [...new Set(probed.map(({ flow }) => flow.from.place))]
  await Promise.all([
    ...departures.map(async place => {
      const here = probed.filter(({ flow }) => flow.from.place === place)
      const probes = here.map(({ flow }) => ({
        protocol: flow.protocol as 'tcp' | 'udp',
        address: flow.destination,
        port: flow.port ?? 0,
        timeout: PATIENCE,
      }))
      const answers = await probeFrom(lanes, self, place, probes)
      here.forEach(({ i }, n) => {
        const answer = answers[n]
        if (answer) results.set(i, answer)
      })
    }),
    ...sendable
      .filter(({ flow }) => flow.protocol === 'icmp')
      .map(async ({ i, flow }) => {
        results.set(i, await ping(lanes, flow.from.place, flow.destination))
      }),
  ])
  const sent = new Map<number, Sent>()
  for (const { i, flow } of sendable) {
    const result = results.get(i)
    const was = before.get(i) ?? null
    const is = result?.outcome === 'silent' && was !== null ? await counted(i, flow) : null
    if (result) sent.set(i, { result, received: is === null || was === null ? null : is - was })
  }
  return sent
}

/** What an answer, a refusal or silence means. */
function concluded(
  { protocol }: Flow,
  { outcome, error }: ProbeResult,
  received: number | null,
  { verdict }: Judgement,
): Pick<Outcome, 'reached' | 'what'> {
  if (outcome === 'answered') return { reached: true, what: protocol === 'tcp' ? 'connected' : 'answered' }
  if (outcome === 'refused') {
    const rejected = verdict.kind === 'failed' && verdict.why === 'rejected'
    return { reached: false, what: rejected ? 'refused' : 'refused: nothing listens' }
  }
  if (outcome === 'failed') return { reached: false, what: `not sent through: ${error}` }
  if (protocol !== 'udp') return { reached: false, what: `no answer in ${PATIENCE / 1000} s` }
  // Many a UDP server keeps silent: that it was given what was sent is as good as an answer.
  if (received !== null && received > 0 && verdict.kind === 'delivered') {
    return { reached: true, what: `received by ${verdict.process ?? verdict.place}, which did not answer` }
  }
  return { reached: false, what: 'no answer, and nothing received' }
}
