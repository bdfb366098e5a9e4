import type { Flow, Judgement } from '../../explain/judgement.ts'
import type { ExpectationResult } from '../../model/plan/verification.ts'
import { ANSWER_TIMEOUT, type Sent } from './send.ts'

export type Found = Pick<ExpectationResult, 'reached' | 'what'>

/** Whether a flow gets there: what an answer, a refusal or silence means. */
export function answered({ protocol }: Flow, { result, counts }: Sent, { verdict }: Judgement): Found {
  switch (result.outcome) {
    case 'answered':
      return answer(protocol)
    case 'refused': {
      const byRule = verdict.kind === 'failed' && verdict.why === 'rejected'
      return { reached: false, what: byRule ? 'refused' : 'refused: nothing listens' }
    }
    case 'failed':
      return notSent(result.error)
    case 'silent':
      if (protocol !== 'udp') return { reached: false, what: silence() }
      // Many UDP servers keep silent: that one received what was sent is as good as an answer.
      if (counts !== null && counts.datagrams > 0 && verdict.kind === 'delivered') {
        const by = verdict.process ?? verdict.place
        return { reached: true, what: `received by ${by}, which did not answer` }
      }
      if (verdict.kind === 'leaves' || (verdict.kind !== 'failed' && counts === null))
        return { reached: null, what: `${silence()}: it may be lost, or a server that keeps silent` }
      return { reached: false, what: 'no answer, and nothing received' }
  }
}

export function answer(protocol: Flow['protocol']): Found {
  return { reached: true, what: protocol === 'tcp' ? 'connected' : 'answered' }
}

/** The network's own refusals tell that there is no way; anything else is a trouble of the sender. */
export function notSent(error: string | null): Found {
  const what = `not sent through: ${error}`
  return { reached: OF_THE_NETWORK.test(error ?? '') ? false : null, what }
}

/** `EPERM` is what a rule that drops in OUTPUT gives, `EINVAL` a source that routing refuses; the words are ping's. */
const OF_THE_NETWORK =
  /^(ENET|EHOST)(UNREACH|DOWN)$|^(EPERM|EACCES|EINVAL|EADDRNOTAVAIL|ECONNRESET|ENOPROTOOPT|EPROTO|EMSGSIZE|ETIMEDOUT)$|unreachable|permission denied|invalid argument/i

export function silence(): string {
  return `no answer in ${ANSWER_TIMEOUT / 1000} s`
}
