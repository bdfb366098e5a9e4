import { describe, expect, test } from 'vitest'
import { loadTopology } from '../../../src/topology/load.ts'
import { type Reading, type Tracked, tracked, type Version } from '../../../src/watch/tracked.ts'

function version(name: string, text = `name: ${name}\n`): Version {
  const file = `/etc/nsctl/${name}.yaml`
  return { topology: loadTopology(text, file, {}).topology, text, file, sha256: text, commit: null }
}

const reading = (names: string[], more: Partial<Reading> = {}): Reading => ({
  versions: names.map(name => version(name)),
  broken: [],
  problem: null,
  ...more,
})
const KEEP = { recorded: [], prune: false }
const PRUNE = { recorded: [], prune: true }
const NOTHING: Map<string, Tracked> = new Map()

/** What is told of each: its newest text, `stale`, or `removed`. */
function told(after: Map<string, Tracked>): Record<string, string> {
  return Object.fromEntries(
    [...after].map(([name, { stale, removed }]) => [
      name,
      removed ? 'removed' : stale === null ? 'newest' : 'stale',
    ]),
  )
}

describe('what a source declares', () => {
  const three = tracked(NOTHING, reading(['a', 'b', 'c']), KEEP)

  test('stays as it was where it cannot be read', () => {
    const after = tracked(three, reading([], { problem: 'no such directory' }), PRUNE)
    expect(told(after)).toEqual({ a: 'stale', b: 'stale', c: 'stale' })
    expect(after.get('a')?.newest).toEqual(three.get('a')?.newest)
  })

  test.each([
    ['its name can be told', { name: 'b' }],
    ['it cannot', { name: null }],
  ])('stays for the file that is wrong, whether %s or not; the others go on', (_, { name }) => {
    const broken = [{ file: '/etc/nsctl/b.yaml', name, why: 'empty' }]
    const after = tracked(three, reading(['a', 'c'], { broken }), PRUNE)
    expect(told(after)).toEqual({ a: 'newest', b: 'stale', c: 'newest' })
    expect(after.get('b')?.stale).toBe('/etc/nsctl/b.yaml: empty')
  })

  test('is only taken for removed with --prune', () => {
    expect(told(tracked(three, reading(['a', 'b']), KEEP))).toMatchObject({ c: 'stale' })
    expect(told(tracked(three, reading(['a', 'b']), PRUNE))).toMatchObject({ c: 'removed' })
  })

  test('is not taken for removed when nothing, or little, is left', () => {
    expect(told(tracked(three, reading([]), PRUNE))).toEqual({ a: 'stale', b: 'stale', c: 'stale' })
    expect(told(tracked(three, reading(['a']), PRUNE))).toEqual({ a: 'newest', b: 'stale', c: 'stale' })
  })

  test('is not taken for removed while another file might be it', () => {
    const broken = [{ file: '/etc/nsctl/renamed.yaml', name: null, why: 'empty' }]
    expect(told(tracked(three, reading(['a', 'b'], { broken }), PRUNE))).toMatchObject({ c: 'stale' })
  })

  test('was removed also while nobody watched; and is forgotten once it is gone', () => {
    const after = tracked(NOTHING, reading(['a']), { recorded: ['a', 'old'], prune: true })
    expect(told(after)).toEqual({ a: 'newest', old: 'removed' })
    expect(told(tracked(after, reading(['a']), { recorded: ['a'], prune: true }))).toEqual({ a: 'newest' })
  })

  test('is kept with the version that worked when a newer one comes', () => {
    const worked = new Map(three)
    const one = version('a')
    worked.set('a', { newest: one, lastGood: one, stale: null, removed: false })
    const after = tracked(worked, reading([], { versions: [version('a', 'name: a # new\n')] }), KEEP)
    expect(after.get('a')).toMatchObject({ lastGood: one, newest: { text: 'name: a # new\n' } })
  })
})
