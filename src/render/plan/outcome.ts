import type { Colors } from 'picocolors/types'
import type {
  ApplyOutcome,
  DestroyOutcome,
  Failed,
  Failure,
  Leftover,
  RehearsalFailure,
} from '../../model/plan/outcome.ts'
import { type Change, refuses } from '../../model/plan/plan.ts'
import { escapeLines, escapeText } from '../../model/text/escape.ts'
import { renderHostChanges } from './host-changes.ts'
import { renderPlan } from './plan.ts'

/** How an apply or a destroy ended, as a person reads it. */
export function renderOutcome(outcome: ApplyOutcome | DestroyOutcome, colors: Colors): string {
  switch (outcome.kind) {
    case 'applied':
      return renderApplied(outcome)
    case 'unchanged':
      return ''
    case 'destroyed':
      return `${outcome.topology} is destroyed; nothing of it is left.\n`
    case 'absent':
      return `Nothing of ${outcome.topology} on this host${others(outcome.present)}.\n`
    case 'rolledBack':
    case 'incomplete':
    case 'partial':
      return renderFailed(outcome, colors)
    default:
      return `nsctl: ${refusal(outcome)}\n`
  }
}

function renderApplied({ topology, confirmation }: Extract<ApplyOutcome, { kind: 'applied' }>): string {
  const applied = `${topology} is applied; a second plan is empty.`
  if (confirmation === null) return `${applied}\n`
  const { seconds, until } = confirmation
  return (
    `${applied} To keep it: nsctl confirm ${topology}\n` +
    `Otherwise it is taken back in ${seconds} s, at ${until}; or now, with nsctl rollback ${topology}\n`
  )
}

/** For whoever mistyped a name. */
function others(present: string[]): string {
  return present.length === 0 ? '' : `; topologies here: ${present.join(', ')}`
}

type Refusal = Exclude<
  ApplyOutcome | DestroyOutcome,
  Failed | { kind: 'applied' | 'unchanged' | 'destroyed' | 'absent' }
>

function refusal(outcome: Refusal): string {
  switch (outcome.kind) {
    case 'locked':
      return renderLocked(outcome.holder)
    case 'conflict':
      return `${outcome.topology}: the host stands in the way; nothing was changed`
    case 'declined':
      return `${outcome.topology}: declined; nothing was changed`
    case 'pending': {
      const { topology, until, overdue } = outcome
      const when = overdue ? `since before ${until}, when it should have been taken back` : `until ${until}`
      return (
        `${topology}: an apply waits for confirmation ${when}; ` +
        `first nsctl confirm ${topology}, or nsctl rollback ${topology}; nothing was changed`
      )
    }
    case 'outdated':
      return outdated(outcome)
    case 'unexpected':
      return `${outcome.topology}: not as expected: ${outcome.broken.join('; ')}`
    case 'rehearsalFailed': {
      const { topology, plan, failures } = outcome
      const reasons = failures.map(failure => `${placeOf(plan.changes, failure)}${failure.why}`)
      return `${topology}: the rehearsal failed; nothing was changed:\n${listed(reasons).trimEnd()}`
    }
  }
}

export function renderLocked(holder: string): string {
  return `another nsctl holds the lock: ${holder}; wait for it, or wait longer with --lock-timeout`
}

function outdated({ topology, plan, moves, declaration }: Extract<Refusal, { kind: 'outdated' }>): string {
  const { file, destroy } = declaration
  const again = `nsctl plan ${escapeText(file)}${destroy ? ' --destroy' : ''} --out PLAN`
  const found = plan.findings.some(refuses) ? '; now it would be refused' : ''
  return (
    `${topology}: the saved plan no longer fits this host${found}; what has moved since:\n` +
    `${renderHostChanges(moves)}\nnothing was changed; look at a new plan: ${again}`
  )
}

function renderFailed(outcome: Failed, colors: Colors): string {
  const { topology, failure } = outcome
  switch (outcome.kind) {
    case 'rolledBack':
      return failure.kind === 'interrupted'
        ? `nsctl: ${topology}: interrupted; everything was rolled back\n`
        : `nsctl: ${topology}: apply failed; everything was rolled back\n`
    case 'incomplete':
      return (
        renderLeft('could not take everything back; this is left to do', outcome.left, colors) +
        `nsctl: ${topology}: apply failed and the rollback was incomplete; mend the cause, then apply again\n`
      )
    case 'partial':
      return (
        renderLeft('nothing is taken back; this is left to do', outcome.left, colors) +
        `nsctl: ${topology}: apply failed, and what it did stays; apply again to go on, or nsctl rollback ${topology}\n`
      )
  }
}

/** The changes that are left after a failure, under a line that says so. */
export function renderLeft(what: string, left: Leftover, colors: Colors): string {
  const list =
    left.kind === 'plan' ? renderPlan(left.plan, colors) : `what is left cannot be read: ${left.why}\n`
  return `nsctl: ${what}:\n${list}`
}

/** A failure, when it happens; the outcome says later what became of it. */
export function renderFailure(failure: Failure, colors: Colors): string {
  const left = failure.kind === 'unverified' ? renderPlan(failure.left, colors) : ''
  return `nsctl: ${failure.message}\n${left}`
}

/** What came of a rehearsal; its failures are said with the outcome. */
export function renderRehearsal(
  topology: string,
  { failures, missing }: { failures: RehearsalFailure[]; missing: string[] },
): string {
  const lacking =
    missing.length > 0 ? `nsctl: not in the copy that the plan is tried in:\n${listed(missing)}` : ''
  return failures.length > 0
    ? lacking
    : `${lacking}${topology}: rehearsed in a copy of the host: every step succeeds, and a second plan is empty\n`
}

function placeOf(changes: Change[], { change: id }: RehearsalFailure): string {
  const source = changes.find(change => change.id === id)?.source
  return source ? `${source.file}:${source.line}: ` : ''
}

const MOST_LISTED = 10

function listed(items: string[]): string {
  const more = items.length - MOST_LISTED
  const lines = [...items.slice(0, MOST_LISTED), ...(more > 0 ? [`and ${more} more`] : [])]
  return lines.map(line => `  ${escapeLines(line).replaceAll('\n', ' ')}\n`).join('')
}
