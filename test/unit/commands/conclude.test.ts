import { expect, test } from 'vitest'
import { conclude } from '../../../src/commands/change/conclude.ts'
import type { ApplyOutcome, DestroyOutcome, Failure, Leftover } from '../../../src/model/plan/outcome.ts'
import type { Finding } from '../../../src/model/plan/plan.ts'
import { planTopology } from '../../../src/planner/plan.ts'
import { loadTopology } from '../../../src/topology/load.ts'
import { FRESH } from '../planner/topologies.ts'
import { terminal } from './terminal.ts'

const { topology: declared } = loadTopology('name: web\nnamespaces: { a: {} }\n', 'web.yaml', {})
const plan = planTopology(declared, FRESH)
const empty = { ...plan, changes: [], steps: [] }
const topology = 'web'
const step: Failure = {
  kind: 'step',
  change: 'namespace/a',
  message: 'namespace/a: ip netns add a: File exists',
}
const left: Leftover = { kind: 'plan', plan }
const conflict: Finding = {
  severity: 'error',
  code: 'port-held',
  subject: 'tcp/6000',
  summary: 'port 6000 is held',
  notes: ['by sshd'],
  source: null,
}
const declaration = {
  ...{ file: 'web.yaml', text: '', environment: {}, accept: [], iptables: 'auto' as const },
  destroy: false,
}

const OUTCOMES: [outcome: ApplyOutcome | DestroyOutcome, exitCode: number, says: string][] = [
  [{ kind: 'applied', topology, plan, confirmation: null }, 0, 'web is applied; a second plan is empty.'],
  [
    { kind: 'applied', topology, plan, confirmation: { seconds: 60, until: '2030-01-01T00:00:00Z' } },
    ...([0, 'nsctl confirm web'] as const),
  ],
  [{ kind: 'destroyed', topology, plan }, 0, 'web is destroyed; nothing of it is left.'],
  [{ kind: 'absent', topology, present: ['shop'] }, 0, 'topologies here: shop'],
  [{ kind: 'conflict', topology, plan: { ...plan, findings: [conflict] } }, 1, 'port 6000 is held'],
  [{ kind: 'declined', topology, plan }, 1, 'declined; nothing was changed'],
  [{ kind: 'pending', topology, until: '2030-01-01T00:00:00Z', overdue: false }, 1, 'nsctl rollback web'],
  [{ kind: 'unexpected', topology, plan: empty, broken: ['tcp a b:80'] }, 1, 'tcp a b:80'],
  [
    { kind: 'rehearsalFailed', topology, plan, failures: [{ change: 'namespace/a', why: 'File exists' }] },
    ...([1, 'web.yaml:2: File exists'] as const),
  ],
  [{ kind: 'rolledBack', topology, plan, failure: step }, 3, 'everything was rolled back'],
  [{ kind: 'incomplete', topology, plan, failure: step, left }, 4, '+ namespace a'],
  [
    { kind: 'incomplete', topology, plan, failure: step, left: { kind: 'unknown', why: 'no iptables-save' } },
    ...([4, 'what is left cannot be read: no iptables-save'] as const),
  ],
  [{ kind: 'partial', topology, plan, failure: step, left }, 4, 'what it did stays'],
  [
    { kind: 'outdated', topology, plan, moves: [{ id: 'uplink/ens5', before: null, now: {} }], declaration },
    ...([5, 'uplink/ens5'] as const),
  ],
  [{ kind: 'locked', holder: 'pid 7 (nsctl watch)' }, 6, 'pid 7 (nsctl watch)'],
]

test.each(OUTCOMES)('$kind: exit code %i', (outcome, exitCode, says) => {
  const { context, out, err } = terminal()
  expect(conclude(outcome, context)).toBe(exitCode)
  expect(out() + err()).toContain(says)
  // Results go to stdout; what went wrong does not.
  expect(exitCode === 0 ? err() : out()).toBe('')
})

test.each([
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGPIPE', 141],
  ['SIGTERM', 143],
] as const)('rolled back after %s: exit code %i', (signal, exitCode) => {
  const failure: Failure = { kind: 'interrupted', signal, message: `interrupted by ${signal}` }
  const { context, err } = terminal()
  expect(conclude({ kind: 'rolledBack', topology, plan, failure }, context)).toBe(exitCode)
  expect(err()).toContain('interrupted; everything was rolled back')
})

test('unchanged says nothing more than its plan did', () => {
  const { context, out, err } = terminal()
  expect(conclude({ kind: 'unchanged', topology, plan: empty }, context)).toBe(0)
  expect(out() + err()).toBe('')
})
