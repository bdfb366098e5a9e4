import { pino } from 'pino'
import { expect, test } from 'vitest'
import { logTo } from '../../../../src/commands/watch/log.ts'
import type { WatcherEvent } from '../../../../src/engine/watch/events.ts'
import { newStanding } from '../../../../src/engine/watch/standing.ts'
import type { Change } from '../../../../src/model/plan/plan.ts'
import type { Condition } from '../../../../src/watch/condition.ts'

const LEVELS: Record<number, string> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' }

/** The lines that events leave in the log, without time, pid and host. */
function logged(...events: WatcherEvent[]): object[] {
  const lines: object[] = []
  const write = (text: string) => {
    const { level, time: _, ...fields } = JSON.parse(text)
    lines.push({ level: LEVELS[level], ...fields })
  }
  const log = logTo(pino({ base: null, level: 'debug' }, { write }))
  for (const event of events) log(event)
  return lines
}

const change = (id: string) => ({ action: 'create', id, kind: 'address' }) as Change
const standing = newStanding('2026-01-01T00:00:00Z')

test('drift is a warning with its likely authors; changes to a new text are not', () => {
  const found = { kind: 'changesFound' as const, topology: 'web', changes: [change('address/x')] }
  expect(logged({ ...found, drift: { likelyAuthors: ['firewalld'], triggers: ['rules'] } })).toEqual([
    {
      level: 'warn',
      msg: 'web: drift',
      topology: 'web',
      changes: ['create address/x'],
      count: 1,
      likelyAuthors: ['firewalld'],
      alarms: ['rules'],
    },
  ])
  expect(logged({ ...found, drift: null })).toMatchObject([{ level: 'info', msg: 'web: changes to make' }])
})

test('a line lists twenty changes, and counts all', () => {
  const changes = Array.from({ length: 33 }, (_, i) => change(`address/${i}`))
  const [line] = logged({ kind: 'repaired', topology: 'web', changes, ms: 12.7, standing })
  expect(line).toMatchObject({ level: 'info', msg: 'web: converged', count: 33, ms: 13 })
  expect(line).toHaveProperty('changes.length', 20)
})

test('a problem is a warning, with its reason; its end is logged once', () => {
  const good: Condition = { state: 'converged', problems: [] }
  const stale: Condition = { state: 'stale', problems: ['web.yaml: line 3: …'] }
  const from = (before: Condition, condition: Condition): WatcherEvent => ({
    kind: 'condition',
    topology: 'web',
    before,
    condition,
  })
  expect(logged(from(good, stale), from(stale, good), from(good, good))).toEqual([
    { level: 'warn', msg: 'web: stale', topology: 'web', state: 'stale', problems: ['web.yaml: line 3: …'] },
    { level: 'info', msg: 'web: converged again', topology: 'web', state: 'converged' },
  ])
})

test('what failed is an error, with the reason', () => {
  expect(
    logged(
      { kind: 'repairFailed', topology: 'web', why: 'ip: no space left', ms: 5 },
      { kind: 'hostUnreadable', why: 'ip: not found' },
    ),
  ).toEqual([
    { level: 'error', msg: 'web: could not be converged', topology: 'web', why: 'ip: no space left', ms: 5 },
    { level: 'error', msg: 'the host cannot be read', why: 'ip: not found' },
  ])
})

test('who holds the lock is named while it is waited for', () => {
  expect(logged({ kind: 'waitingForLock', topology: 'web', holder: 'pid 7 (nsctl apply)' })).toMatchObject([
    { level: 'info', msg: 'waiting for the lock', why: expect.stringContaining('pid 7 (nsctl apply)') },
  ])
})

test('an observation, and a fetch that succeeded, leave no line', () => {
  expect(
    logged(
      { kind: 'observed', ms: 1, triggers: ['kernel'], topologies: [] },
      { kind: 'fetched', unreachable: null },
    ),
  ).toEqual([])
})
