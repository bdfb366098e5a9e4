import { describe, expect, test } from 'vitest'
import { rootsOf } from '../../../src/planner/roots.ts'
import { markOfChange } from '../../../src/watch/conflicting-changes.ts'
import {
  after,
  nextAction,
  type Observation,
  START,
  type WatchEvent,
  type WatchState,
} from '../../../src/watch/machine.ts'

const INTERVAL = 60_000

/** A watcher on a clock that the test sets: what it is told, and what it then does. */
function watcher() {
  let state: WatchState = START
  let now = 0
  const told = (event: WatchEvent) => {
    state = after(state, event, now)
  }
  return {
    at: (time: number) => {
      now = time
    },
    told,
    does: () => nextAction(state, now),
    /** A look that takes no time. */
    finds: (...found: Observation[]) =>
      told({ of: 'observed', startedAt: now, interval: INTERVAL, chance: 0.5, found }),
    state: () => state,
  }
}

const look = (more: Partial<Observation> = {}): Observation => ({
  name: 'web',
  version: 'a',
  fallback: false,
  drift: [],
  obstacle: null,
  blocked: null,
  ...more,
})
const DRIFTED = look({ drift: ['veth/x#1'] })

describe('the watcher', () => {
  test('looks at once, then in turn, and when it is told that something may have changed', () => {
    const one = watcher()
    expect(one.does()).toMatchObject({ do: 'observe' })
    one.finds(look())
    expect(one.does()).toEqual({ do: 'wait', until: INTERVAL })
    one.at(1_000)
    one.told({ of: 'trigger' })
    expect(one.does()).toEqual({ do: 'wait', until: 1_100 })
    one.at(1_100)
    expect(one.does()).toMatchObject({ do: 'observe' })
  })

  test('waits for what comes in a row to end, but not for ever', () => {
    const one = watcher()
    one.finds(look())
    for (let time = 1_000; time <= 1_450; time += 50) {
      one.at(time)
      one.told({ of: 'trigger' })
      expect(one.does()).toEqual({ do: 'wait', until: Math.min(time + 100, 1_500) })
    }
  })

  test('rests after a look that was dear, though drift is found within seconds', () => {
    const one = watcher()
    for (const [cost, rest] of [
      [100, 400],
      [5_000, 3_000],
    ]) {
      one.at(10_000 + (cost ?? 0))
      one.told({ of: 'observed', startedAt: 10_000, interval: INTERVAL, chance: 0.5, found: [look()] })
      one.told({ of: 'trigger' })
      expect(one.does()).toEqual({ do: 'wait', until: 10_000 + (cost ?? 0) + (rest ?? 0) })
    }
  })

  test('looks again for what was told while it looked', () => {
    const one = watcher()
    one.at(1_000)
    one.told({ of: 'trigger' })
    one.told({ of: 'observed', startedAt: 900, interval: INTERVAL, chance: 0.5, found: [look()] })
    one.at(2_000)
    expect(one.does()).toMatchObject({ do: 'observe' })
  })

  test('mends what it found, one topology after the other, and ends before the next when told to', () => {
    const one = watcher()
    one.finds(DRIFTED, look({ name: 'db', drift: ['address/y#1'] }))
    expect(one.does()).toEqual({ do: 'repair', name: 'web' })
    one.told({ of: 'repaired', name: 'web', undone: [] })
    expect(one.does()).toEqual({ do: 'repair', name: 'db' })
    one.told({ of: 'stop' })
    expect(one.does()).toEqual({ do: 'end' })
  })

  test.each(['suspended', 'pending'] as const)('mends nothing that is %s', state => {
    const one = watcher()
    one.finds({ ...DRIFTED, obstacle: { state, message: '' } })
    expect(one.does()).toEqual({ do: 'wait', until: INTERVAL })
  })

  test('does not converge to what the host or a guard refuses, but looks after what was before', () => {
    const one = watcher()
    one.finds({ ...DRIFTED, blocked: 'port-held' })
    expect(one.does()).toEqual({ do: 'wait', until: INTERVAL })
    one.finds({ ...DRIFTED, blocked: 'port-held', fallback: true })
    expect(one.does()).toEqual({ do: 'repair', name: 'web' })
  })

  test('tries a text that failed again later and later, and another text at once', () => {
    const one = watcher()
    const waits = [1, 2, 3].map(() => {
      one.finds(DRIFTED)
      expect(one.does()).toEqual({ do: 'repair', name: 'web' })
      one.told({ of: 'repair failed', name: 'web', chance: 0 })
      const { retryAt = 0 } = one.state().topologies.get('web')?.failing.newest ?? {}
      const wait = retryAt - (one.state().trigger?.last ?? 0)
      one.at(retryAt)
      return wait
    })
    expect(waits).toEqual([1_000, 2_000, 4_000])
    one.finds(DRIFTED)
    one.told({ of: 'repair failed', name: 'web', chance: 0 })
    one.finds({ ...DRIFTED, version: 'b' })
    expect(one.does()).toEqual({ do: 'repair', name: 'web' })
  })

  test('looks after the version before while the newest fails', () => {
    const one = watcher()
    one.finds(DRIFTED)
    one.told({ of: 'repair failed', name: 'web', chance: 0 })
    one.at(500)
    expect(one.does()).toEqual({ do: 'observe', failing: new Map([['web', 'a']]) })
    one.finds({ ...DRIFTED, fallback: true })
    expect(one.does()).toEqual({ do: 'repair', name: 'web' })
    one.told({ of: 'repaired', name: 'web', undone: [] })
    expect(one.does()).toEqual({ do: 'wait', until: 1_000 })
  })

  test('goes on when the host could not be read, less and less often', () => {
    const one = watcher()
    one.told({ of: 'observation failed', startedAt: 0, chance: 0 })
    expect(one.does()).toEqual({ do: 'wait', until: 1_000 })
    one.at(1_000)
    one.told({ of: 'observation failed', startedAt: 1_000, chance: 0 })
    one.told({ of: 'trigger' })
    expect(one.does()).toEqual({ do: 'wait', until: 3_000 })
  })
})

describe('what somebody has done', () => {
  const of = (...kinds: string[]) => rootsOf(kinds.map(kind => ({ kind }))).map(({ kind }) => kind)

  test('is not what only went along', () => {
    expect(of('veth', 'address', 'route', 'sysctl', 'chain')).toEqual(['veth', 'chain'])
    expect(of('namespace', 'veth', 'address', 'file')).toEqual(['namespace', 'file'])
    expect(of('address', 'route')).toEqual(['address', 'route'])
  })
})

describe('a fight', () => {
  const undo = (one: ReturnType<typeof watcher>, ...drift: string[]) => {
    one.finds(look({ drift }))
    const action = one.does()
    if (action.do === 'repair') one.told({ of: 'repaired', name: 'web', undone: drift })
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
    one.finds(look({ drift: [markOfChange({ id: 'veth/x', before: null })] }))
    expect(one.does()).toEqual({ do: 'wait', until: 5_500 })
  })

  test('is held back from the third time on, longer each time; everything else is mended at once', () => {
    const one = watcher()
    const done: [number, string][] = []
    for (let time = 0; time <= 40_000; time += 1_000) {
      one.at(time)
      const action = undo(one, 'chain/x#1')
      if (action === 'repair') done.push([time, action])
    }
    expect(done.map(([time]) => time)).toEqual([0, 1_000, 2_000, 7_000, 17_000, 37_000])
    one.finds(look({ drift: ['chain/x#1', 'veth/y#1'] }))
    expect(one.does()).toEqual({ do: 'repair', name: 'web' })
  })

  test('is looked at again when it is time', () => {
    const one = watcher()
    for (const time of [0, 100, 200]) {
      one.at(time)
      undo(one, 'chain/x#1')
    }
    one.finds(look({ drift: ['chain/x#1'] }))
    expect(one.does()).toEqual({ do: 'wait', until: 5_200 })
  })

  test('is over after a while of peace', () => {
    const one = watcher()
    for (const time of [0, 100, 200, 70_000, 70_100]) {
      one.at(time)
      expect(undo(one, 'chain/x#1')).toBe('repair')
    }
  })
})
