import { type Flow, type Judgement, outcomeOf } from '../../explain/judgement.ts'
import { remedyOf } from '../../explain/remedy.ts'
import type { ExpectationResult } from '../../model/plan/verification.ts'
import type { Expectation } from '../../model/topology.ts'
import { ANSWER_TIMEOUT, type Sent } from './send.ts'

/** A flow that was tried. */
export interface Trial {
  flow: Flow
  judgement: Judgement
  /** Null where no packet could be sent from here. */
  sent: Sent | null
}

type Outcome = Pick<ExpectationResult, 'reached' | 'by' | 'what' | 'ms'>

/** By name any family will do, as for a client that tries one after the other; unreachable means by none. */
export function resultOf(expectation: Expectation, trials: Trial[]): ExpectationResult {
  const outcomes = trials.map(trial => ({ trial, ...outcomeOfTrial(trial) }))
  const best =
    outcomes.find(({ reached }) => reached === true) ??
    outcomes.find(({ reached }) => reached === null) ??
    outcomes[0]
  if (!best) return untried(expectation, 'nothing to try')
  const { trial, reached, by, what, ms } = best
  const holds = reached === expectation.reachable
  const why = holds || !expectation.reachable ? [] : whyNot(trial)
  return { expectation, holds, reached, by, what, ms, why }
}

/** An end that does not exist cannot be reached; but an expectation of just that must not seem to work. */
export function untried(expectation: Expectation, what: string): ExpectationResult {
  return { expectation, holds: false, reached: null, by: 'none', what, ms: 0, why: ['is it applied?'] }
}

function outcomeOfTrial({ flow, judgement, sent }: Trial): Outcome {
  if (sent === null) return judged(flow, judgement)
  return { ...answered(flow, sent, judgement), by: 'packets', ms: sent.result.ms }
}

/** From outside nothing can be sent here, and without ping no ICMP: the judgement stands in for packets. */
function judged({ from, protocol }: Flow, { verdict }: Judgement): Outcome {
  const passes = verdict.kind === 'delivered' || verdict.kind === 'leaves'
  const cause =
    from.input === null ? `no ping on this host to send ${protocol} with` : 'outside cannot send from here'
  return {
    reached: verdict.kind === 'undetermined' ? null : passes,
    by: 'explain',
    what: `judged by explain, ${cause}: ${outcomeOf(verdict)}`,
    ms: 0,
  }
}

/** What an answer, a refusal or silence means. */
function answered(
  { protocol }: Flow,
  { result, received }: Sent,
  { verdict }: Judgement,
): Pick<Outcome, 'reached' | 'what'> {
  switch (result.outcome) {
    case 'answered':
      return { reached: true, what: protocol === 'tcp' ? 'connected' : 'answered' }
    case 'refused': {
      const byRule = verdict.kind === 'failed' && verdict.why === 'rejected'
      return { reached: false, what: byRule ? 'refused' : 'refused: nothing listens' }
    }
    case 'failed':
      return { reached: false, what: `not sent through: ${result.error}` }
    case 'silent':
      if (protocol !== 'udp') return { reached: false, what: `no answer in ${ANSWER_TIMEOUT / 1000} s` }
      // Many UDP servers keep silent: that one received what was sent is as good as an answer.
      if (received !== null && received > 0 && verdict.kind === 'delivered') {
        const by = verdict.process ?? verdict.place
        return { reached: true, what: `received by ${by}, which did not answer` }
      }
      return { reached: false, what: 'no answer, and nothing received' }
  }
}

function whyNot({ judgement, sent }: Trial): string[] {
  const judged = sent === null ? [] : [`explain: ${outcomeOf(judgement.verdict)}`]
  return [...judged, ...remedyOf(judgement)]
}
