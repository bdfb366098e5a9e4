import type { FlowChange } from '../../explain/flows.ts'
import type { Plan } from '../../model/plan/plan.ts'
import { planDocument } from '../../model/plan/plan-document.ts'
import { renderJson } from '../json.ts'
import { flowsJson } from './flows.ts'

/** A plan with what becomes of the flows of its topology, where that was asked for. */
export interface Shown {
  made: Plan
  flows: FlowChange[] | null
}

/** The plan as cli.md's JSON: within a major format version keys are only added. */
export function renderPlanJson(shown: Shown): string {
  return renderJson(shownDocument(shown))
}

/** Those of a directory. */
export function renderPlansJson(plans: Shown[]): string {
  return renderJson({ formatVersion: '1.0', plans: plans.map(shownDocument) })
}

function shownDocument({ made, flows }: Shown) {
  return { ...planDocument(made), ...(flows ? { flows: flowsJson(flows) } : {}) }
}
