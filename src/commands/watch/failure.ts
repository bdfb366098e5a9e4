import type { Colors } from 'picocolors/types'
import type { RepairFailure } from '../../engine/watch/events.ts'
import { messageOf } from '../../model/text/escape.ts'
import { renderOutcome } from '../../render/plan/outcome.ts'
import { findingsText, textOf } from '../event-text.ts'

/** A failed repair as the log and `status` tell it: what happened on the way, and how it ended. */
export function describeFailure(failure: RepairFailure, colors: Colors): string {
  const said = failure.events.map(event => textOf(event, colors))
  return [...said, endOf(failure, colors)].join('').trim()
}

function endOf(failure: RepairFailure, colors: Colors): string {
  switch (failure.kind) {
    case 'error':
      return messageOf(failure.error)
    case 'objection':
      return `${failure.topology}: ${failure.message}`
    case 'outcome': {
      const { outcome } = failure
      const findings = outcome.kind === 'conflict' ? findingsText(outcome.plan, colors) : ''
      return findings + renderOutcome(outcome, colors).replace(/^nsctl: /, '')
    }
  }
}
