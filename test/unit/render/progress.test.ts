import { expect, test } from 'vitest'
import type { Step } from '../../../src/model/plan/plan.ts'
import { createProgress } from '../../../src/render/plan/progress.ts'

const step: Step = { stage: 'configure', commands: [], changes: [] }

function reporting(isTerminal: boolean, columns = 80) {
  let clock = 0
  let written = ''
  let tick = () => {}
  const report = createProgress({
    isTerminal,
    columns: () => columns,
    now: () => clock,
    every: (_, call) => {
      tick = call
      return () => {
        tick = () => {}
      }
    },
    write: text => {
      written += text
    },
  })
  return {
    at: (ms: number, done: number) => {
      clock = ms
      report.progress(done, 40, step)
    },
    clear: report.clear,
    waiting: report.waiting,
    tickAt: (ms: number) => {
      clock = ms
      tick()
    },
    take: () => {
      const text = written
      written = ''
      return text
    },
  }
}

test.each([
  [20, '12/40 addresses and'],
  [0, '12/40 addresses and routes, 3 s'],
])('a terminal %i columns wide is never written beyond its last', (columns, line) => {
  const { at, take } = reporting(true, columns)
  at(0, 0)
  at(3000, 12)
  expect(take()).toBe(`\r${line}\x1b[K`)
})

test('what takes less than a second says nothing', () => {
  const { at, clear, take } = reporting(true)
  at(0, 0)
  at(900, 30)
  clear()
  expect(take()).toBe('')
})

test('on a terminal one line changes, and is taken away before anything else is written', () => {
  const { at, clear, take } = reporting(true)
  at(0, 0)
  at(1500, 12)
  at(3200, 20)
  expect(take()).toBe('\r12/40 addresses and routes, 1 s\x1b[K\r20/40 addresses and routes, 3 s\x1b[K')
  clear()
  clear()
  expect(take()).toBe('\r\x1b[K')
})

test('elsewhere a plain line now and then', () => {
  const { at, take } = reporting(false)
  at(0, 0)
  at(1500, 5)
  at(6000, 12)
  at(7000, 13)
  at(11_500, 20)
  expect(take()).toBe('12/40 addresses and routes, 6 s\n20/40 addresses and routes, 11 s\n')
})

test('what is waited for is said with the time it has taken, until it is over', () => {
  const { waiting, tickAt, take } = reporting(true)
  const done = waiting('reading the host')
  tickAt(1000)
  tickAt(2000)
  expect(take()).toBe('\rreading the host, 1 s\x1b[K\rreading the host, 2 s\x1b[K')
  done()
  tickAt(3000)
  expect(take()).toBe('\r\x1b[K')
})
