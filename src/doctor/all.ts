import type { DoctorFacts } from '../model/host/facts.ts'
import { bridges } from './bridges.ts'
import { connections } from './connections.ts'
import type { Check, CheckFinding } from './finding.ts'
import { firewall } from './firewall.ts'
import { forwarding } from './forwarding.ts'
import { kernel } from './kernel.ts'
import { leftovers } from './leftovers.ts'
import { neighbours } from './neighbours.ts'
import { resolver } from './resolver.ts'
import { reversePath } from './reverse-path.ts'
import { routing } from './routing.ts'
import { tools } from './tools.ts'
import { topologies } from './topologies.ts'

const CHECKS: Check[] = [
  tools,
  kernel,
  firewall,
  forwarding,
  routing,
  reversePath,
  bridges,
  neighbours,
  connections,
  resolver,
  topologies,
  leftovers,
]

/** What one check came to; `unseen`: it needs more privileges. */
export interface Result {
  check: string
  state: 'ok' | 'note' | 'problem' | 'unseen'
  summary: string
  findings: CheckFinding[]
}

/** Every check's result, in the order in which one would look. */
export function examine(facts: DoctorFacts): Result[] {
  return CHECKS.map(({ name, state, findings }) => {
    const summary = state(facts)
    const found = findings(facts)
    return { check: name, state: stateOf(summary, found), summary: summary ?? 'not seen', findings: found }
  })
}

function stateOf(summary: string | null, findings: CheckFinding[]): Result['state'] {
  if (findings.some(({ severity }) => severity === 'problem')) return 'problem'
  if (summary === null) return 'unseen'
  return findings.length > 0 ? 'note' : 'ok'
}
