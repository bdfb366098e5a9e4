import type { Colors } from 'picocolors/types'
import type { EngineEvent } from '../engine/host/events.ts'
import type { Plan } from '../model/plan/plan.ts'
import { renderFindings } from '../render/plan/findings.ts'
import { renderFailure, renderRehearsal } from '../render/plan/outcome.ts'
import { renderVerification } from '../render/verify.ts'

/** What there is to say about an event, on stderr; empty where there is nothing. */
export function textOf(event: EngineEvent, colors: Colors): string {
  switch (event.kind) {
    case 'planned':
      return findingsText(event.plan, colors)
    case 'rehearsed':
      return renderRehearsal(event.topology, event)
    case 'expectations':
      return renderVerification(event.results, colors)
    case 'failed':
      return renderFailure(event.failure, colors)
    case 'rollingBack':
      return `nsctl: rolling ${event.topology} back\n`
    case 'recordsNotRestored':
      return `nsctl: the records of ${event.topology} are not as before: ${event.why}\n`
    default:
      return ''
  }
}

/** What conflicts with a plan, or may. */
export function findingsText({ findings }: Plan, colors: Colors): string {
  const unaccepted = findings.filter(({ accepted }) => !accepted)
  return unaccepted.length > 0 ? renderFindings(unaccepted, colors) : ''
}
