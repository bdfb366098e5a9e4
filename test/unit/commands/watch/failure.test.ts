import pc from 'picocolors'
import { expect, test } from 'vitest'
import { describeFailure } from '../../../../src/commands/watch/failure.ts'
import type { RepairFailure } from '../../../../src/engine/watch/events.ts'
import type { Plan } from '../../../../src/model/plan/plan.ts'

const described = (failure: RepairFailure) => describeFailure(failure, pc.createColors(false))
const plan = { topology: 'web', findings: [] } as unknown as Plan
const refused = { kind: 'step', change: 'veth/a/b', message: 'ip: No space left on device' } as const

test('a repair that was rolled back says why, and how it ended', () => {
  expect(
    described({
      kind: 'outcome',
      events: [
        { kind: 'started', topology: 'web' },
        { kind: 'failed', failure: refused },
        { kind: 'rollingBack', topology: 'web' },
        { kind: 'finished', topology: 'web' },
      ],
      outcome: { kind: 'rolledBack', topology: 'web', plan, failure: refused },
    }),
  ).toBe(
    'nsctl: ip: No space left on device\nnsctl: rolling web back\nweb: apply failed; everything was rolled back',
  )
})

test('an objection and an error are told as they are', () => {
  expect(described({ kind: 'objection', events: [], topology: 'web', message: 'mass-delete: …' })).toBe(
    'web: mass-delete: …',
  )
  expect(described({ kind: 'error', events: [], error: new Error('ip: not found') })).toBe('ip: not found')
})
