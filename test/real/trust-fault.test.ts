import { describe, expect, test } from 'vitest'
import { share, trials } from './trust-arena.ts'
import { STORIES } from './trust-stories.ts'
import { faults, signals } from './trust-trials.ts'

/** A share of all; `npm run test:soak -- --exhaustive` takes every one. */
const FAULTS = 4
const SIGNALS = 2

describe('a command or a write fails, lies, is cut short, or prints nonsense', () => {
  test.each(STORIES)('$name: the exit code says how the host is, and the next one converges', async story => {
    const { failures, count } = await trials(story, arena => share(faults(arena), FAULTS), 2)
    expect(failures).toEqual([])
    expect(count).toBe(FAULTS)
  })
})

describe('INT, TERM and HUP', () => {
  test.each(STORIES)('$name: rolled back, exit code 128 and the number', async story => {
    const { failures, count } = await trials(story, arena => share(signals(arena), SIGNALS), 2)
    expect(failures).toEqual([])
    expect(count).toBe(SIGNALS)
  })
})
