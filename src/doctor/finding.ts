import type { DoctorFacts } from '../model/host/facts.ts'

/** Something on the host, what it does to topologies, and what to do about it. */
export interface CheckFinding {
  /** `problem`: something does not hold, now or at the next apply. `note`: worth knowing. */
  severity: 'problem' | 'note'
  /** Stable, kebab-case. */
  code: string
  subject: string
  summary: string
  consequence: string
  remedy: string
}

/** One look at the host: pure, over facts that were read before. */
export interface Check {
  name: string
  /** What there is, in one line; null where it cannot be seen without more privileges. */
  state(facts: DoctorFacts): string | null
  findings(facts: DoctorFacts): CheckFinding[]
}

export function problem(
  code: string,
  subject: string,
  summary: string,
  consequence: string,
  remedy: string,
): CheckFinding {
  return { severity: 'problem', code, subject, summary, consequence, remedy }
}

export function note(...parts: Parameters<typeof problem>): CheckFinding {
  return { ...problem(...parts), severity: 'note' }
}
