import type { Finding } from '../../model/plan/plan.ts'

/**
 * Findings about risks and conflicts whose owner can live with them. What nsctl would have to take from somebody else
 * cannot be accepted: that has ways of its own, such as `adopt`.
 */
const ACCEPTABLE = [
  'port-held',
  'subnet-overlap',
  'other-variant-drops',
  'nft-drops',
  'private-mounts',
  'no-nameserver',
  'no-reply-path',
  'routed-elsewhere',
  'leaves-elsewhere',
  'default-overridden',
  'listen-address-missing',
]

/** Marks the findings that the file or the command line accepts, as `code:subject`; those refuse no plan. */
export function accepting(findings: Finding[], accepted: string[]): Finding[] {
  return findings.map(finding => {
    const name = `${finding.code}:${finding.subject}`
    const acceptable = ACCEPTABLE.includes(finding.code)
    if (accepted.includes(name)) return acceptable ? { ...finding, accepted: true } : noted(finding, REFUSAL)
    return acceptable
      ? noted(finding, `if it is known and wanted: --accept ${name}, or the same under accept: in the file`)
      : finding
  })
}

const REFUSAL = 'this cannot be accepted: nsctl never takes what is not its own'

function noted(finding: Finding, note: string): Finding {
  return { ...finding, notes: [...finding.notes, note] }
}
