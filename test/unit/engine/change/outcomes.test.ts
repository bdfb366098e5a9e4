import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, test } from 'vitest'
import type { ApplyOptions } from '../../../../src/engine/change/apply.ts'
import type { EngineEvent } from '../../../../src/engine/host/events.ts'
import { planTopology } from '../../../../src/planner/plan.ts'
import { loadTopology } from '../../../../src/topology/load.ts'
import { snapshotOf } from '../../../cases/snapshots.ts'
import { engine, kernel, putHost, UNREACHABLE } from './fake-kernel.ts'

const CASES = fileURLToPath(new URL('../../../cases/', import.meta.url))
const VETH = 'veth/netns1/veth1'
/** Published last, when all else is there. */
const DST = 'chain/host/ipv4/nat/NSCTL-flask-DST'

const topologyOf = (name: string) =>
  loadTopology(readFileSync(`${CASES}${name}/topology.yaml`, 'utf8'), 'topology.yaml', {}).topology
const flask = topologyOf('fresh-host')

let events: EngineEvent[]
const options = (more: Partial<ApplyOptions> = {}): ApplyOptions => ({
  ...UNREACHABLE,
  onProgress: event => void events.push(event),
  ...more,
})
const left = async () => planTopology(flask, await kernel.host.read()).changes.map(({ id }) => id)
const recorded = (directory: string) => {
  const path = join(kernel.directory, directory)
  return existsSync(path) ? readdirSync(path) : []
}

beforeEach(() => {
  events = []
  putHost(snapshotOf('fresh-host'))
})

describe('apply', () => {
  test('is applied, recorded, and unchanged the second time', async () => {
    expect(await engine.apply(flask, options())).toMatchObject({ kind: 'applied', confirmation: null })
    expect(await left()).toEqual([])
    expect([recorded('applied'), recorded('journal')]).toEqual([['flask.json'], []])
    expect(await engine.apply(flask, options())).toMatchObject({ kind: 'unchanged', topology: 'flask' })
  })

  test('tells its listener of every step, between its start and its end', async () => {
    await engine.apply(flask, options())
    const kinds = events.map(({ kind }) => kind)
    const started = kinds.indexOf('started')
    expect(started).toBeGreaterThan(kinds.indexOf('planned'))
    expect(kinds.at(-1)).toBe('finished')
    const steps = events.flatMap(event => (event.kind === 'step' ? [event] : []))
    expect(steps.map(({ done }) => done)).toEqual(steps.map((_, i) => i))
    expect(steps[0]?.total).toBe(steps.length)
  })

  test('is locked out by another nsctl, and says by whom', async () => {
    kernel.lockedBy = 'pid 7 (nsctl watch)'
    expect(await engine.apply(flask, options())).toEqual({ kind: 'locked', holder: 'pid 7 (nsctl watch)' })
    expect(events).toEqual([])
  })

  test('is a conflict where the host has what it would create', async () => {
    putHost(snapshotOf('foreign-namespace'))
    const outcome = await engine.apply(topologyOf('foreign-namespace'), options())
    expect(outcome.kind).toBe('conflict')
    expect(recorded('journal')).toEqual([])
  })

  test('is declined by who is asked, with nothing changed', async () => {
    const before = await kernel.host.read()
    expect(await engine.apply(flask, options({ approve: () => false }))).toMatchObject({ kind: 'declined' })
    expect(await kernel.host.read()).toEqual(before)
    expect(events.some(({ kind }) => kind === 'started')).toBe(false)
  })

  test('is rolled back when a command fails', async () => {
    kernel.host.disturb(DST, 'fails')
    const before = await left()
    const outcome = await engine.apply(flask, options())
    expect(outcome).toMatchObject({ kind: 'rolledBack', failure: { kind: 'step', change: DST } })
    expect(await left()).toEqual(before)
    expect([recorded('applied'), recorded('journal')]).toEqual([[], []])
  })

  test('is rolled back when every command succeeds and the host is not as planned', async () => {
    kernel.host.disturb(DST, 'does nothing')
    const outcome = await engine.apply(flask, options())
    expect(outcome).toMatchObject({ kind: 'rolledBack', failure: { kind: 'unverified' } })
  })

  test('is rolled back at a signal', async () => {
    const controller = new AbortController()
    const onProgress = (event: EngineEvent) => {
      if (event.kind === 'step' && event.done === 3) controller.abort('SIGTERM')
    }
    const before = await left()
    const outcome = await engine.apply(flask, options({ signal: controller.signal, onProgress }))
    expect(outcome).toMatchObject({
      kind: 'rolledBack',
      failure: { kind: 'interrupted', signal: 'SIGTERM' },
    })
    expect(await left()).toEqual(before)
  })

  test('is incomplete, with what is left, when the rollback fails too', async () => {
    kernel.host.disturb(DST, 'fails')
    const onProgress = ({ kind }: EngineEvent) => {
      if (kind === 'rollingBack') kernel.host.disturb(VETH, 'fails')
    }
    const outcome = await engine.apply(flask, options({ onProgress }))
    expect(outcome).toMatchObject({ kind: 'incomplete', left: { kind: 'plan' } })
    expect(recorded('journal')).toEqual(['flask.json'])
  })

  test('is incomplete when the host cannot be read back', async () => {
    const onProgress = (event: EngineEvent) => {
      if (event.kind === 'step' && event.done === 3) kernel.unreadable = new Error('ip: garbled')
    }
    const outcome = await engine.apply(flask, options({ onProgress }))
    expect(outcome).toMatchObject({ kind: 'incomplete', left: { kind: 'unknown', why: 'ip: garbled' } })
    expect(recorded('journal')).toEqual(['flask.json'])
  })

  test('is partial where no rollback is asked for; the next one goes on from there', async () => {
    kernel.host.disturb(DST, 'fails')
    const outcome = await engine.apply(flask, options({ rollback: false }))
    expect(outcome).toMatchObject({ kind: 'partial', left: { kind: 'plan' } })
    expect(await left()).not.toContain('namespace/netns1')
    kernel.host.disturb(DST, null)
    expect(await engine.apply(flask, options())).toMatchObject({ kind: 'applied' })
    expect(await left()).toEqual([])
  })

  test('is outdated when the saved plan does not fit the host any more', async () => {
    const snapshot = await kernel.host.read()
    const path = join(kernel.directory, '..', 'flask.plan')
    const text = readFileSync(`${CASES}fresh-host/topology.yaml`, 'utf8')
    const declaration = {
      file: 'topology.yaml',
      text,
      environment: {},
      accept: [],
      iptables: 'auto' as const,
      destroy: false,
    }
    await engine.savePlan(
      path,
      { topology: flask, plan: planTopology(flask, snapshot), snapshot },
      declaration,
    )
    const saved = engine.parseSavedPlan(readFileSync(path, 'utf8'), path)
    expect(await engine.apply(flask, options())).toMatchObject({ kind: 'applied' })
    const outcome = await engine.apply(flask, options({ saved }))
    expect(outcome.kind).toBe('outdated')
    expect(outcome).toHaveProperty('moves')
  })
})

describe('apply with a deadline', () => {
  test('is applied until then, refuses another meanwhile, and stays once it is confirmed', async () => {
    const outcome = await engine.apply(flask, options({ confirm: 60 }))
    expect(outcome).toMatchObject({ kind: 'applied', confirmation: { seconds: 60 } })
    expect([recorded('applied'), recorded('journal')]).toEqual([[], ['flask.json']])
    expect(await engine.apply(flask, options())).toMatchObject({ kind: 'pending', overdue: false })
    expect(await engine.destroy('flask', options())).toMatchObject({ kind: 'pending' })
    expect(await engine.confirm(null, options())).toEqual({ kind: 'confirmed', topology: 'flask' })
    expect([recorded('applied'), recorded('journal')]).toEqual([['flask.json'], []])
    expect(await engine.confirm(null, options())).toEqual({ kind: 'nonePending', topology: null })
  })

  test('is rolled back on demand', async () => {
    const before = await left()
    await engine.apply(flask, options({ confirm: 60 }))
    expect(await engine.rollback('flask', options())).toEqual({ kind: 'rolledBack', topology: 'flask' })
    expect(await left()).toEqual(before)
    expect(recorded('journal')).toEqual([])
  })

  test('is incomplete when the host cannot be read for the rollback, and stays pending', async () => {
    await engine.apply(flask, options({ confirm: 60 }))
    kernel.unreadable = new Error('ip: garbled')
    expect(await engine.rollback(null, options())).toMatchObject({
      kind: 'incomplete',
      left: { kind: 'unknown', why: 'ip: garbled' },
    })
    expect(recorded('journal')).toEqual(['flask.json'])
  })

  test('of one that was cut off half-way can only be rolled back', async () => {
    kernel.host.disturb(DST, 'fails')
    await engine.apply(flask, options({ confirm: 60, rollback: false }))
    expect(await engine.confirm('flask', options())).toEqual({ kind: 'unfinished', topology: 'flask' })
  })
})

describe('destroy', () => {
  test('is destroyed, and absent the second time', async () => {
    const before = await left()
    await engine.apply(flask, options())
    expect(await engine.destroy('flask', options())).toMatchObject({ kind: 'destroyed', topology: 'flask' })
    expect(await left()).toEqual(before)
    expect(recorded('applied')).toEqual([])
    expect(await engine.destroy('flask', options())).toEqual({
      kind: 'absent',
      topology: 'flask',
      present: [],
    })
  })

  test('is rolled back when a command fails, and stays recorded', async () => {
    await engine.apply(flask, options())
    kernel.host.disturb(VETH, 'fails')
    const outcome = await engine.destroy('flask', options())
    expect(outcome).toMatchObject({ kind: 'rolledBack', failure: { kind: 'step' } })
    expect(await left()).toEqual([])
    expect(recorded('applied')).toEqual(['flask.json'])
  })

  test('of the only topology needs no name', async () => {
    await engine.apply(flask, options())
    const outcomes = []
    for await (const outcome of engine.destroyAll(options())) outcomes.push(outcome.kind)
    expect(outcomes).toEqual(['destroyed'])
  })
})
