import { describe, expect, test } from 'vitest'
import { rootsOf } from '../../../src/planner/roots.ts'
import { markOfChange } from '../../../src/watch/conflicting-changes.ts'
import {
  after,
  type MachineEvent,
  nextAction,
  type Observation,
  START,
  type WatchState,
} from '../../../src/watch/machine.ts'

const INTERVAL = 60_000

/** A watcher on a clock that the test sets: what happens, and what it does next. */
function watcher() {
  let state: WatchState = START
  let now = 0
  const happens = (event: MachineEvent) => {
    state = after(state, event, now)
  }
  return {
    at: (time: number) => {
      now = time
    },
    happens,
    does: () => nextAction(state, now),
    /** An observation that takes no time. */
    finds: (...found: Observation[]) =>
      happens({ of: 'observed', startedAt: now, interval: INTERVAL, chance: 0.5, found }),
    state: () => state,
  }
}

const observation = (more: Partial<Observation> = {}): Observation => ({
  name: 'web',
  version: 'a',
  fallback: false,
  drift: [],
  obstacle: null,
  blocked: null,
  ...more,
})
const DRIFTED = observation({ drift: ['veth/x#1'] })

describe('the watcher', () => {
  test('observes at once, then after each interval, and after a trigger', () => {
    const one = watcher()
    expect(one.does()).toMatchObject({ do: 'observe' })
    one.finds(observation())
    expect(one.does()).toEqual({ do: 'wait', until: INTERVAL })
    one.at(1_000)
    one.happens({ of: 'trigger' })
    expect(one.does()).toEqual({ do: 'wait', until: 1_100 })
    one.at(1_100)
    expect(one.does()).toMatchObject({ do: 'observe' })
  })

  test('waits until no more triggers come, but not for ever', () => {
    const one = watcher()
    one.finds(observation())
    for (let time = 1_000; time <= 1_450; time += 50) {
      one.at(time)
      one.happens({ of: 'trigger' })
      expect(one.does()).toEqual({ do: 'wait', until: Math.min(time + 100, 1_500) })
    }
  })

  test('rests after an observation that took long, but for seconds only', () => {
    const one = watcher()
    for (const [cost, rest] of [
      [100, 400],
      [5_000, 3_000],
    ]) {
      one.at(10_000 + (cost ?? 0))
      one.happens({
        of: 'observed',
        startedAt: 10_000,
        interval: INTERVAL,
        chance: 0.5,
        found: [observation()],
      })
      one.happens({ of: 'trigger' })
      expect(one.does()).toEqual({ do: 'wait', until: 10_000 + (cost ?? 0) + (rest ?? 0) })
    }
  })

  test('observes again after a trigger that came during an observation', () => {
    const one = watcher()
    one.at(1_000)
    one.happens({ of: 'trigger' })
    one.happens({ of: 'observed', startedAt: 900, interval: INTERVAL, chance: 0.5, found: [observation()] })
    one.at(2_000)
    expect(one.does()).toMatchObject({ do: 'observe' })
  })

  test('repairs one topology after the other, and ends before the next when it is stopped', () => {
    const one = watcher()
    one.finds(DRIFTED, observation({ name: 'db', drift: ['address/y#1'] }))
    expect(one.does()).toEqual({ do: 'repair', name: 'web' })
    one.happens({ of: 'repaired', name: 'web', undone: [] })
    expect(one.does()).toEqual({ do: 'repair', name: 'db' })
    one.happens({ of: 'stop' })
    expect(one.does()).toEqual({ do: 'end' })
  })

  test.each(['suspended', 'pending'] as const)('repairs nothing that is %s', state => {
    const one = watcher()
    one.finds({ ...DRIFTED, obstacle: { state, message: '' } })
    expect(one.does()).toEqual({ do: 'wait', until: INTERVAL })
  })

  test('repairs nothing that is blocked, but keeps the last version that worked in force', () => {
    const one = watcher()
    one.finds({ ...DRIFTED, blocked: 'port-held' })
    expect(one.does()).toEqual({ do: 'wait', until: INTERVAL })
    one.finds({ ...DRIFTED, blocked: 'port-held', fallback: true })
    expect(one.does()).toEqual({ do: 'repair', name: 'web' })
  })

  test('backs off from a text that failed, and tries another text at once', () => {
    const one = watcher()
    const waits = [1, 2, 3].map(() => {
      one.finds(DRIFTED)
      expect(one.does()).toEqual({ do: 'repair', name: 'web' })
      one.happens({ of: 'repair failed', name: 'web', chance: 0 })
      const { retryAt = 0 } = one.state().topologies.get('web')?.failing.newest ?? {}
      const wait = retryAt - (one.state().trigger?.last ?? 0)
      one.at(retryAt)
      return wait
    })
    expect(waits).toEqual([500, 1_000, 2_000])
    one.finds(DRIFTED)
    one.happens({ of: 'repair failed', name: 'web', chance: 0 })
    one.finds({ ...DRIFTED, version: 'b' })
    expect(one.does()).toEqual({ do: 'repair', name: 'web' })
  })

  test('keeps the version before in force while the newest fails', () => {
    const one = watcher()
    one.finds(DRIFTED)
    one.happens({ of: 'repair failed', name: 'web', chance: 0 })
    one.at(250)
    expect(one.does()).toEqual({ do: 'observe', failing: new Map([['web', 'a']]) })
    one.finds({ ...DRIFTED, fallback: true })
    expect(one.does()).toEqual({ do: 'repair', name: 'web' })
    one.happens({ of: 'repaired', name: 'web', undone: [] })
    expect(one.does()).toEqual({ do: 'wait', until: 500 })
  })

  test('backs off while the host cannot be read', () => {
    const one = watcher()
    one.happens({ of: 'observation failed', startedAt: 0, chance: 0 })
    expect(one.does()).toEqual({ do: 'wait', until: 500 })
    one.at(500)
    one.happens({ of: 'observation failed', startedAt: 500, chance: 0 })
    one.happens({ of: 'trigger' })
    expect(one.does()).toEqual({ do: 'wait', until: 1_500 })
  })
})

describe('a change from outside', () => {
  const of = (...kinds: string[]) => rootsOf(kinds.map(kind => ({ kind }))).map(({ kind }) => kind)

  test('leaves out what only went along', () => {
    expect(of('veth', 'address', 'route', 'sysctl', 'chain')).toEqual(['veth', 'chain'])
    expect(of('namespace', 'veth', 'address', 'file')).toEqual(['namespace', 'file'])
    expect(of('address', 'route')).toEqual(['address', 'route'])
  })
})

describe('a fight', () => {
  const undo = (one: ReturnType<typeof watcher>, ...drift: string[]) => {
    one.finds(observation({ drift }))
    const action = one.does()
    if (action.do === 'repair') one.happens({ of: 'repaired', name: 'web', undone: drift })
    return action.do
  }

  test('is of one and the same change; six of any sort to one object are one, too', () => {
    const one = watcher()
    const marks = [1280, 1400, 1280, 1300, 1310, 1320].map(mtu =>
      markOfChange({ id: 'veth/x', before: { mtu } }),
    )
    const held = marks.map((mark, i) => {
      one.at(i * 100)
      return undo(one, mark) === 'repair' ? 0 : 1
    })
    expect(held).toEqual([0, 0, 0, 0, 0, 0])
    one.finds(observation({ drift: [markOfChange({ id: 'veth/x', before: null })] }))
    expect(one.does()).toEqual({ do: 'wait', until: 1_500 })
  })

  test('is held back from the third time on, longer each time; everything else is repaired at once', () => {
    const one = watcher()
    const done: [number, string][] = []
    for (let time = 0; time <= 40_000; time += 1_000) {
      one.at(time)
      const action = undo(one, 'chain/x#1')
      if (action === 'repair') done.push([time, action])
    }
    expect(done.map(([time]) => time)).toEqual([
      0, 1_000, 2_000, 3_000, 4_000, 6_000, 8_000, 11_000, 15_000, 20_000, 27_000, 36_000,
    ])
    one.finds(observation({ drift: ['chain/x#1', 'veth/y#1'] }))
    expect(one.does()).toEqual({ do: 'repair', name: 'web' })
  })

  test('is observed again when the hold is over', () => {
    const one = watcher()
    for (const time of [0, 100, 200]) {
      one.at(time)
      undo(one, 'chain/x#1')
    }
    one.finds(observation({ drift: ['chain/x#1'] }))
    expect(one.does()).toEqual({ do: 'wait', until: 1_200 })
  })

  test('is over after a minute without a repetition', () => {
    const one = watcher()
    for (const time of [0, 100, 200, 70_000, 70_100]) {
      one.at(time)
      expect(undo(one, 'chain/x#1')).toBe('repair')
    }
  })
})
