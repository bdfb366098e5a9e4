import { drive } from '../../explain/drive.ts'
import { flowsNamed, OUTSIDE } from '../../explain/endpoints.ts'
import { judge } from '../../explain/judge.ts'
import { type Flow, type Judgement, outcomeOf } from '../../explain/judgement.ts'
import { remedyOf } from '../../explain/remedy.ts'
import { canPing } from '../../kernel/ping.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import type { Expectation, Topology } from '../../model/topology.ts'
import type { Finding, ProbeResult } from '../../model/verification.ts'
import type { HostAccess } from '../access.ts'
import { PATIENCE, sendPackets } from './send.ts'
import { createWorld, readRuleSources } from './world.ts'

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

/** Tries every expectation with real packets where they can be sent from here, all at once. */
export async function checkExpectations(
  { expects }: Topology,
  snapshot: Snapshot,
  access: HostAccess,
): Promise<Finding[]> {
  const named = expects.map(expectation => ({ expectation, flows: flowsOf(expectation, snapshot) }))
  const attempts = named.flatMap(({ expectation, flows }) =>
    typeof flows === 'string' ? [] : flows.map(flow => ({ expectation, flow })),
  )
  const outcomes = await attempt(attempts, snapshot, access)
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

async function attempt(attempts: Attempt[], snapshot: Snapshot, access: HostAccess): Promise<Outcome[]> {
  const world = createWorld(snapshot, access)
  const sourceOf = await readRuleSources(access)
  const judged = await Promise.all(
    attempts.map(async one => ({ ...one, judgement: await drive(judge(one.flow, sourceOf), world) })),
  )
  const pings = canPing()
  const sendable = judged.filter(
    ({ expectation, flow }) => expectation.from !== OUTSIDE && (flow.protocol !== 'icmp' || pings),
  )
  const sent = await sendPackets(sendable, access)
  return judged.map(({ expectation, flow, judgement }) => {
    const answer = sent.get(flow)
    if (!answer) return unsent(expectation, judgement)
    const { result, received } = answer
    return { ...concluded(flow, result, received, judgement), by: 'packets', ms: result.ms, judgement }
  })
}

/** From outside nothing can be sent here, and without ping no ICMP: the rules are read instead. */
function unsent({ from, protocol }: Expectation, judgement: Judgement): Outcome {
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
