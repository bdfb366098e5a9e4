import type { Flow, Judgement } from '../../explain/judgement.ts'
import { answer, type Found, notSent, silence } from './answered.ts'
import type { Sent } from './send.ts'

/**
 * Whether the path to a flow's end is open, whether or not anything listens there. A refusal by the end itself shows that; one
 * by a rule on the way looks the same to the sender, but the end's stack has not counted it.
 *
 * @param judgement as if something listened
 */
export function isPathOpen(flow: Flow, sent: Sent, judgement: Judgement, declared: string | null): Found {
  const { result } = sent
  switch (result.outcome) {
    case 'answered':
      return answer(flow.protocol)
    case 'failed':
      return notSent(result.error)
    case 'refused':
      return refused(flow, sent, judgement, declared)
    case 'silent':
      return silent(flow, sent, judgement)
  }
}

function refused(
  { protocol }: Flow,
  { counts, errors }: Sent,
  { verdict }: Judgement,
  declared: string | null,
): Found {
  const end = verdict.kind === 'delivered' ? verdict.place : declared
  if (counts !== null && end !== null) {
    const own = protocol === 'tcp' ? counts.resets : counts.unheard
    return own > 0 ? refusedBy(end) : { reached: false, what: `refused on the way, not by ${end}` }
  }
  if (verdict.kind === 'failed') return { reached: false, what: 'refused' }
  if (verdict.kind === 'delivered') return refusedBy(verdict.place)
  // A stack answers TCP with a reset; that an ICMP error came instead is a firewall's doing.
  if (verdict.kind === 'leaves' && protocol === 'tcp' && errors === 0)
    return { reached: true, what: `open: refused by its end, beyond ${verdict.dev}` }
  return { reached: null, what: 'refused: by its end or on the way cannot be told from here' }
}

function refusedBy(place: string): Found {
  return { reached: true, what: `open: refused by ${place} itself, nothing listens` }
}

function silent({ protocol }: Flow, { counts }: Sent, { verdict }: Judgement): Found {
  if (verdict.kind === 'failed' && verdict.why === 'ignored')
    return { reached: true, what: `open: ${verdict.place} answers no pings` }
  if (
    protocol === 'udp' &&
    counts !== null &&
    counts.datagrams + counts.unheard > 0 &&
    verdict.kind !== 'failed'
  )
    return { reached: true, what: 'open: received, and not answered' }
  const unseen =
    verdict.kind === 'leaves' || (protocol === 'udp' && verdict.kind !== 'failed' && counts === null)
  if (unseen) return { reached: null, what: `${silence()}: it may be lost, or nobody who answers` }
  return { reached: false, what: protocol === 'udp' ? 'no answer, and nothing received' : silence() }
}
