import { expect, test } from 'vitest'
import { hostFor } from '../../../src/commands/host.ts'
import { planTopology } from '../../../src/planner/plan.ts'
import { loadTopology } from '../../../src/topology/load.ts'
import { FRESH } from '../planner/topologies.ts'
import { terminal } from './terminal.ts'

const { topology } = loadTopology('name: web\nnamespaces: { a: {} }\n', 'web.yaml', {})
const plan = planTopology(topology, FRESH)
const never = () => {
  throw new Error('not to be used')
}
const processes = { run: never, hold: never, detach: never, pid: 1, self: ['nsctl'] }
const choice = { iptables: 'auto', reader: 'auto' } as const

test('a plan goes to stdout, what goes wrong to stderr', () => {
  const { context, out, err } = terminal(processes)
  const { onProgress } = hostFor(context, choice)
  onProgress({ kind: 'planned', plan })
  expect(out()).toContain('+ namespace a')
  expect(err()).toBe('')
  onProgress({ kind: 'failed', failure: { kind: 'unverified', left: plan, message: 'not as planned' } })
  onProgress({ kind: 'rollingBack', topology: 'web' })
  expect(err()).toMatch(/^nsctl: not as planned\n.*\+ namespace a.*nsctl: rolling web back\n$/s)
})

test('signals are caught while the host changes, and only then', () => {
  const signals = new AbortController()
  const caught: string[] = []
  const catchSignals = () => {
    caught.push('caught')
    return { signal: signals.signal, stop: () => void caught.push('stopped') }
  }
  const { context } = terminal({ ...processes, catchSignals })
  const host = hostFor(context, choice)
  expect(caught).toEqual([])
  host.onProgress({ kind: 'started', topology: 'web' })
  expect(host.signal.aborted).toBe(false)
  signals.abort('SIGTERM')
  expect(host.signal.reason).toBe('SIGTERM')
  host.onProgress({ kind: 'finished', topology: 'web' })
  expect(caught).toEqual(['caught', 'stopped'])
})

test('a signal that came before the change began interrupts it', () => {
  const catchSignals = () => ({ signal: AbortSignal.abort('SIGINT'), stop() {} })
  const { context } = terminal({ ...processes, catchSignals })
  const host = hostFor(context, choice)
  host.onProgress({ kind: 'started', topology: 'web' })
  expect(host.signal.reason).toBe('SIGINT')
})
