import { type Flow, type Judgement, outcomeOf } from '../../explain/judgement.ts'
import { remedyOf } from '../../explain/remedy.ts'
import type { ExpectationResult } from '../../model/plan/verification.ts'
import type { Expectation } from '../../model/topology.ts'
import { answered } from './answered.ts'
import { isPathOpen } from './path-open.ts'
import type { Sent } from './send.ts'

/** A flow that was tried. */
export interface Trial {
  flow: Flow
  judgement: Judgement
  /** The place on this host where it should end; null: elsewhere, or not known. */
  declared: string | null
  /** Null where no packet could be sent from here. */
  sent: Sent | null
}

type Tried = Pick<ExpectationResult, 'reached' | 'by' | 'what' | 'ms'>

/** By name any family will do, as for a client that tries one after the other; unreachable means by none. */
export function resultOf(expectation: Expectation, trials: Trial[]): ExpectationResult {
  const tried = trials.map(trial => ({ trial, ...outcomeOfTrial(trial, expectation.open) }))
  const best =
    tried.find(({ reached }) => reached === true) ?? tried.find(({ reached }) => reached === null) ?? tried[0]
  if (!best) return untried(expectation, 'nothing to try')
  const { trial, reached, by, what, ms } = best
  const outcome = reached === null ? 'undetermined' : reached === expectation.reachable ? 'holds' : 'fails'
  const why = outcome === 'holds' || (outcome === 'fails' && !expectation.reachable) ? [] : whyNot(trial)
  return { expectation, outcome, holds: outcome === 'holds', reached, by, what, ms, why }
}

/** An end that does not exist cannot be reached; but an expectation of just that must not seem to work. */
export function untried(expectation: Expectation, what: string): ExpectationResult {
  const why = ['is it applied?']
  return { expectation, outcome: 'fails', holds: false, reached: null, by: 'none', what, ms: 0, why }
}

function outcomeOfTrial({ flow, judgement, declared, sent }: Trial, open: boolean): Tried {
  const { verdict } = judgement
  if (open && verdict.kind === 'delivered' && declared !== null && declared !== verdict.place)
    return { reached: false, by: 'explain', what: `ends in ${verdict.place}, not in ${declared}`, ms: 0 }
  if (sent === null) return judged(flow, judgement)
  const found = open ? isPathOpen(flow, sent, judgement, declared) : answered(flow, sent, judgement)
  return { ...found, by: 'packets', ms: sent.result.ms }
}

/** From outside nothing can be sent here, and without ping no ICMP: the judgement stands in for packets. */
function judged({ from, protocol }: Flow, { verdict }: Judgement): Tried {
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

function whyNot({ judgement, sent }: Trial): string[] {
  const { verdict } = judgement
  const judged = sent === null ? [] : [`explain: ${outcomeOf(verdict)}`]
  const unknowns =
    verdict.kind === 'undetermined' ? verdict.unknowns.map(({ text }) => `unknown: ${text}`) : []
  return [...judged, ...unknowns, ...(judgement.remedy ?? remedyOf(judgement))]
}
