import type { Plan } from './plan.ts'

/** A plan as JSON, as cli.md has it: keys in the order in which people read them. */
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
