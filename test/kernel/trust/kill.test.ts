import { describe, expect, test } from 'vitest'
import { type Arena, arena, expectAt, type Story, share, toBare, toEnd, trialsOf } from './arena.ts'
import { STORIES } from './stories.ts'
import { kills } from './trials.ts'

/** A share of all points; `npm run test:soak -- --exhaustive` takes every one. */
const POINTS = 3

describe('nsctl is killed', () => {
  test.each(STORIES)('$name: told again it ends as undisturbed, destroyed it leaves nothing', async story => {
    const { failures, done } = await trialsOf(story, arena => share(kills(arena), POINTS), { hosts: 2 })
    expect(failures).toEqual([])
    expect(done).toHaveLength(POINTS)
  })
})

describe('what a kill leaves in files', () => {
  const named = (name: string): Story => {
    const story = STORIES.find(one => one.name === name)
    if (!story) throw new Error(name)
    return story
  }
  const killedAt = async (name: string, change: (arena: Arena) => number) => {
    const here = await arena(named(name))
    try {
      const file = change(here) + 1
      expect(file).toBeGreaterThan(0)
      await here.standIns.nsctl(here.args, { file, act: 'kill-before' })
      expect(await here.standIns.wasHit()).toBe(true)
      await toBare(here)
      await expectAt(here, 'bare', 'destroyed')
    } finally {
      await here.host.dispose()
    }
  }
  const first = (pattern: RegExp) => (here: Arena) => here.files.findIndex(line => pattern.test(line))

  test('a claim on what was then not made does not outlive the topology', () =>
    killedAt('apply a shared segment', here => first(/renameSync .*\/run\/nsctl\/\.nsctl/)(here) + 1))

  test('a record written in half is cleared away', () =>
    killedAt('apply flask', first(/renameSync .*\/run\/nsctl\/journal/)))

  test('a directory made for a file that never came goes again', () =>
    killedAt('apply a shared segment', first(/openSync \/etc\/netns\/db/)))

  test('a file written in half is cleared away, and its directory too', () =>
    killedAt('apply a shared segment', first(/renameSync \/etc\/netns\/db/)))
})

test('a setting of an adopted namespace that was edited goes back to what it was before nsctl', async () => {
  const here = await arena(STORIES.find(({ name }) => name === 'edit what was made by hand') as Story)
  try {
    await toEnd(here)
    await toBare(here)
    await expectAt(here, 'bare', 'destroyed')
  } finally {
    await here.host.dispose()
  }
})
