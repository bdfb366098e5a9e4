import type { Plan } from '../model/plan.ts'

/** The plan as cli.md's JSON: within a major format version keys are only added. */
export function renderPlanJson(plan: Plan): string {
  const { formatVersion, topology, changes, findings, summary } = plan
  return `${JSON.stringify(
    {
      formatVersion,
      topology,
      changes: changes.map(({ action, kind, id, scope, before, after, changed, reason, source }) => ({
        action,
        kind,
        id,
        scope,
        before,
        after,
        changed,
        reason,
        source: source && { file: source.file, line: source.line, column: source.column },
      })),
      findings,
      summary,
    },
    null,
    2,
  )}\n`
}
