import { describe, expect, test } from 'vitest'
import { after, type MachineEvent, nextAction, START, type WatchState } from '../../../src/watch/machine.ts'
import { randomFrom } from '../../random/random.ts'

/** A host whose rules others throw away, and a watcher on a clock that is simulated. Milliseconds. */
interface Scene {
  /** When a firewall is reloaded, which flushes all rules. */
  reloads: number[]
  /** How long it takes to observe the host, and to repair it. */
  cost: { observe: number; repair: number }
  end: number
}

/** When rules were whole again, each time. What is reloaded during a repair makes the repair fail. */
function convergences({ reloads, cost, end }: Scene): number[] {
  let state: WatchState = START
  let now = 0
  let isDrifted = false
  const left = [...reloads]
  const done: number[] = []
  const note = (event: MachineEvent) => {
    state = after(state, event, now)
  }
  /** Time passes; returns whether there was a reload. */
  const pass = (until: number): boolean => {
    now = until
    const passed = left.splice(0, left.filter(at => at <= until).length)
    if (passed.length > 0) isDrifted = true
    return passed.length > 0
  }
  while (now < end) {
    const action = nextAction(state, now)
    switch (action.do) {
      case 'observe': {
        const startedAt = now
        const drift = isDrifted ? ['chain/filter/a#1', 'rule/filter/b#1'] : []
        const isHeard = pass(now + cost.observe)
        const found = [{ name: 'web', version: 'a', fallback: false, drift, obstacle: null, blocked: null }]
        note({ of: 'observed', startedAt, interval: 3_600_000, chance: 0.5, found })
        if (isHeard) note({ of: 'trigger' })
        break
      }
      case 'repair': {
        if (pass(now + cost.repair)) note({ of: 'repair failed', name: 'web', chance: 0.5 })
        else {
          isDrifted = false
          done.push(now)
          note({ of: 'repaired', name: 'web', undone: state.topologies.get('web')?.drift ?? [] })
        }
        note({ of: 'trigger' })
        break
      }
      case 'wait':
        if (pass(Math.min(action.until, left[0] ?? Number.POSITIVE_INFINITY, end))) note({ of: 'trigger' })
    }
  }
  return done
}

describe('a firewall that is reloaded', () => {
  const random = randomFrom(15)
  const between = (least: number, most: number) => least + random.below(most - least)

  test('five times in ten seconds is repaired within five seconds of the last', () => {
    const late: number[] = []
    for (let round = 0; round < 2_000; round++) {
      const begin = 90_000
      // Somebody has tried something in the minute before.
      const before = Array.from({ length: round % 3 }, () => between(40_000, begin))
      const burst = Array.from({ length: 5 }, () => between(begin, begin + 10_000))
      const reloads = [...before, ...burst].sort((a, b) => a - b)
      const last = reloads.at(-1) ?? 0
      const cost = { observe: between(100, 600), repair: between(200, 1_000) }
      const done = convergences({ reloads, cost, end: last + 60_000 }).find(at => at > last)
      late.push((done ?? Number.POSITIVE_INFINITY) - last)
    }
    expect(Math.max(...late)).toBeLessThan(5_000)
  })

  test('every half second for an hour is repaired more and more rarely', () => {
    const reloads = Array.from({ length: 7_200 }, (_, i) => i * 500)
    const done = convergences({ reloads, cost: { observe: 100, repair: 200 }, end: 3_600_000 })
    const within = (from: number, to: number) =>
      done.filter(at => at >= from * 60_000 && at < to * 60_000).length
    expect(within(0, 1)).toBeLessThan(20)
    expect(within(10, 60)).toBeLessThan(12)
  })
})
