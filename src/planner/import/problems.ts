import { type Change, type Plan, refuses } from '../../model/plan/plan.ts'
import type { Json } from '../../model/plan/resource.ts'

/** Why a line of an imported file does not take over what exists as it is. */
export interface Problem {
  line: number
  code: string
  subject: string
  why: string
}

/** What in a plan is more than taking over: an import may add marks, chains, and settings of the host. */
export function problemsOf(plan: Plan): Problem[] {
  const findings = plan.findings.filter(refuses).map(({ code, subject, summary, notes, source }) => {
    // Rules made by hand that a forward was made from stand in its way: that is known.
    const byHand = code === 'port-held' && /^rule in (PREROUTING|OUTPUT):/.test(notes[0] ?? '')
    return {
      line: source?.line ?? 0,
      code: byHand ? 'accept' : code,
      subject: `${code}:${subject}`,
      why: summary,
    }
  })
  const others = findings.filter(({ code }) => code !== 'accept')
  if (others.length > 0) return others
  if (findings.length > 0) return findings
  return plan.changes.filter(isMore).map(({ source, action, id }) => ({
    line: source?.line ?? 0,
    code: 'changes',
    subject: id,
    why: `nsctl would ${action} ${id}`,
  }))
}

function isMore({ kind, scope, action, before, after }: Change): boolean {
  if (kind === 'chain') return false
  if (kind === 'sysctl') return scope !== 'host'
  return action !== 'update' || !differsInMarksOnly(before, after)
}

/** Only what is wanted counts: what there is besides stays as it is. */
function differsInMarksOnly(before: Json | undefined, after: Json): boolean {
  if (after === null || typeof after !== 'object') return before === after
  if (before === null || typeof before !== 'object') return false
  return Object.entries(after).every(
    ([key, value]) =>
      ['mark', 'group'].includes(key) || differsInMarksOnly((before as { [key: string]: Json })[key], value),
  )
}
