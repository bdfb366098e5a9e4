import type { Target } from '../../firewall/codec/rule.ts'
import { failed, type Transit } from '../transit.ts'
import { type Hop, supposed, type WalkEnd } from '../world.ts'
import { effectOf } from './targets.ts'
import { translate } from './translate.ts'

/** How a packet comes out of a rule or of a chain. */
export type Outcome =
  /** The next rule is asked. */
  | { kind: 'next' }
  /** The chain is left, for where it was called from. */
  | { kind: 'returned' }
  /** The table is left. */
  | { kind: 'accepted' }
  | { kind: 'ended'; end: WalkEnd }

export const NEXT: Outcome = { kind: 'next' }
export const RETURNED: Outcome = { kind: 'returned' }
const ACCEPTED: Outcome = { kind: 'accepted' }

/** A rule that matches a packet. */
export interface Matched {
  target: Target
  chain: string
  /** Names it in this walk. */
  key: string
  step: Omit<Hop, 'effect'>
}

/** Does to a packet what the target of a rule says, where that is no chain. */
export function act(transit: Transit, matched: Matched): Outcome {
  return (
    decide(transit, matched) ??
    remember(transit, matched) ??
    translated(transit, matched) ??
    suppose(transit, matched)
  )
}

/** Each of the following is null for a target that is none of its sort. */
function decide(transit: Transit, matched: Matched): Outcome | null {
  const { name } = matched.target
  switch (name) {
    case 'ACCEPT':
      say(transit, matched, name)
      return ACCEPTED
    case 'RETURN':
      say(transit, matched, name)
      return RETURNED
    case 'DROP':
      say(transit, matched, name)
      return ended(transit, matched, 'dropped', `dropped by ${matched.step.where}`)
    case 'REJECT':
      say(transit, matched, name)
      return ended(transit, matched, 'rejected', `rejected by ${matched.step.where}`)
    default:
      return null
  }
}

/** Marks, of the packet and of its connection, and that there is to be no connection. */
function remember(transit: Transit, matched: Matched): Outcome | null {
  const effect = effectOf(matched.target, transit.packet.mark, transit.connection?.mark ?? 0)
  if (effect === null) return null
  say(transit, matched, matched.target.name)
  const { mark, connectionMark, untracked } = effect
  if (mark !== undefined) transit.packet = { ...transit.packet, mark }
  if (connectionMark !== undefined && transit.connection) transit.connection.mark = connectionMark
  if (untracked) Object.assign(transit, { connection: null, tracking: 'UNTRACKED' })
  return untracked ? ACCEPTED : NEXT
}

function translated(transit: Transit, matched: Matched): Outcome | null {
  const effect = translate(transit, matched.target)
  if (effect === null) return null
  say(transit, matched, effect)
  return ACCEPTED
}

/** A target that is not known, or whose choice is the kernel's, takes the packet, or does not: that is tried both ways. */
function suppose(transit: Transit, matched: Matched): Outcome {
  const { target, key, step } = matched
  const words = [target, ...target.options].map(({ text }) => text).join(' ')
  const text = `${words} in ${step.where} of ${step.place} (${step.owner})`
  if (!supposed(transit.course, `${key} target`, text)) return NEXT
  say(transit, matched, target.name)
  return ended(transit, matched, 'dropped', `taken by ${text}`)
}

function say({ course }: Transit, { step }: Matched, effect: string): void {
  course.steps.push({ ...step, effect })
}

function ended(
  transit: Transit,
  { step, chain }: Matched,
  why: 'dropped' | 'rejected',
  detail: string,
): Outcome {
  return { kind: 'ended', end: failed(transit, why, detail, { ...step, chain }) }
}
