import type { Source } from '../../model/diagnostic.ts'
import type { Finding } from '../../model/plan/plan.ts'

export function error(
  code: string,
  subject: string,
  summary: string,
  notes: string[],
  source: Source | null,
): Finding {
  return { severity: 'error', code, subject, summary, notes, source }
}

export function warning(...finding: Parameters<typeof error>): Finding {
  return { ...error(...finding), severity: 'warning' }
}
