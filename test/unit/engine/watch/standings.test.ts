import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { WatcherEvent } from '../../../../src/engine/watch/events.ts'
import { observationOf } from '../../../../src/engine/watch/observe.ts'
import { createStandings } from '../../../../src/engine/watch/standings.ts'
import { loadTopology } from '../../../../src/topology/load.ts'
import { after, START, type WatchState } from '../../../../src/watch/machine.ts'
import type { Tracked, Version } from '../../../../src/watch/tracked.ts'
import { snapshotOf } from '../../../cases/snapshots.ts'

const text = readFileSync(
  fileURLToPath(new URL('../../../cases/up-to-date/topology.yaml', import.meta.url)),
  'utf8',
)
const { topology } = loadTopology(text, 'flask.yaml', {})
const newest: Version = { topology, text, file: 'flask.yaml', sha256: topology.sha256, commit: null }

/** Standings of one topology, flask, on hosts that were recorded. */
function watching() {
  const events: WatcherEvent[] = []
  const standings = createStandings(event => void events.push(event))
  let state: WatchState = START
  let hintsRead = 0
  return {
    standings,
    hintsRead: () => hintsRead,
    /** What is reported since this was last asked, apart from the observations themselves. */
    news: () => events.splice(0).filter(({ kind }) => kind !== 'observed'),
    /** How flask is doing, as the last observation or repair has it. */
    observe: (host: string, { applied = true, stale = null as string | null } = {}) => {
      const tracked = new Map<string, Tracked>([['flask', { newest, lastGood: null, stale, removed: false }]])
      const known = { tracked, failing: new Map(), uplinks: [], isWhole: true }
      const observation = observationOf(snapshotOf(host), known, () => ({
        appliedText: applied ? topology.sha256 : null,
        journal: null,
        otherWatcher: null,
        suspension: null,
      }))
      const found = observation.topologies.map(one => one.observation)
      const now = performance.now()
      state = after(state, { of: 'observed', startedAt: now, interval: 60_000, chance: 0.5, found }, now)
      const readHints = () => {
        hintsRead += 1
        return { managers: ['firewalld'], settings: {}, ruleWriter: 'iptables (pid 7)' }
      }
      standings.observed(observation, { state, tracked, triggers: ['rules'], ms: 1, readHints })
      return events.findLast(event => event.kind === 'observed')?.topologies[0]?.standing
    },
  }
}

describe('drift', () => {
  test('is reported once, with its likely author, and again when it comes back after a repair', () => {
    const one = watching()
    one.observe('drift-chain-flushed')
    expect(one.news()).toMatchObject([
      { kind: 'changesFound', drift: { likelyAuthors: ['iptables (pid 7)'], triggers: ['rules'] } },
    ])
    one.observe('drift-chain-flushed')
    expect(one.news()).toEqual([])
    expect(one.hintsRead()).toBe(1)
    one.standings.repaired('flask', { changes: [], ms: 1 })
    one.news()
    one.observe('drift-chain-flushed')
    expect(one.news()).toMatchObject([{ kind: 'changesFound' }, { kind: 'condition' }])
  })

  test('is not what a new text asks for: nobody is named for that', () => {
    const one = watching()
    one.observe('drift-chain-flushed', { applied: false })
    expect(one.news()).toMatchObject([{ kind: 'changesFound', drift: null }])
    expect(one.hintsRead()).toBe(0)
  })
})

describe('a topology', () => {
  test('is converged once it is repaired, and counts the repairs that changed something', async () => {
    const one = watching()
    const drifted = one.observe('drift-address-gone')
    expect(drifted?.condition.state).toBe('drifted')
    await new Promise(resolve => setTimeout(resolve, 5))
    const changes = observedChanges(one.news())
    one.standings.repaired('flask', { changes, ms: 1 })
    one.standings.repaired('flask', { changes: [], ms: 1 })
    const [first, second] = one.news()
    expect([first, second]).toMatchObject([
      { kind: 'repaired', standing: { condition: { state: 'converged' }, repairs: 1 } },
      { kind: 'repaired', standing: { repairs: 1 } },
    ])
    // Since the repair, not since it had drifted.
    expect(first?.kind === 'repaired' && first.standing.since > (drifted?.since ?? '')).toBe(true)
    expect(one.standings.summary()).toBe('1 in sync: flask')
    expect(one.standings.troubles()).toEqual([])
  })

  test('says that its source is stale, whatever is repaired, until the source is read again', () => {
    const one = watching()
    const stale = { state: 'stale', problems: ['no such file'] }
    one.observe('up-to-date')
    one.news()
    one.observe('up-to-date', { stale: 'no such file' })
    expect(one.news()).toMatchObject([{ kind: 'condition', condition: stale }])
    one.standings.repaired('flask', { changes: [], ms: 1 })
    expect(one.news()).toMatchObject([{ kind: 'repaired', standing: { condition: stale } }])
    expect(one.standings.summary()).toBe('flask: stale')
    expect(one.standings.troubles()).toEqual(['flask: stale: no such file'])
    one.observe('up-to-date')
    expect(one.news()).toMatchObject([
      { kind: 'condition', before: stale, condition: { state: 'converged', problems: [] } },
    ])
  })

  test('that is not tracked any more is forgotten', () => {
    const one = watching()
    one.observe('up-to-date')
    const observation = { topologies: [], snapshot: snapshotOf('up-to-date'), uplinks: [] }
    const readHints = () => ({ managers: [], settings: {}, ruleWriter: null })
    const round = { state: START, tracked: new Map(), triggers: [], ms: 1, readHints }
    one.standings.observed(observation, round)
    expect(one.standings.summary()).toBe('0 in sync: none')
  })
})

function observedChanges(news: WatcherEvent[]) {
  return news.flatMap(event => (event.kind === 'changesFound' ? event.changes : []))
}
