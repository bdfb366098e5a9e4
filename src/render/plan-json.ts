import type { FlowChange } from '../explain/flows.ts'
import type { Plan } from '../model/plan.ts'
import { flowsJson } from './flows.ts'
import { renderJson } from './json.ts'

/** The plan as cli.md's JSON: within a major format version keys are only added. */
export function renderPlanJson(plan: Plan, flows: FlowChange[] | null = null): string {
  return renderJson({ ...planDocument(plan), ...(flows ? { flows: flowsJson(flows) } : {}) })
}

/** Those of a directory. */
export function renderPlansJson(plans: Plan[]): string {
  return renderJson({ formatVersion: '1.0', plans: plans.map(planDocument) })
}

/** What a plan tells of itself, in the order in which people read it. */
export function planDocument({ formatVersion, topology, changes, findings, summary }: Plan) {
  return {
    formatVersion,
    topology,
    changes: changes.map(
      ({ action, kind, id, scope, before, after, changed, reason, source, irreversible = null }) => ({
        action,
        kind,
        id,
        scope,
        before,
        after,
        changed,
        reason,
        source: source && { file: source.file, line: source.line, column: source.column },
        irreversible,
      }),
    ),
    findings,
    summary,
  }
}
