import { expect, test } from 'vitest'
import { kindOf, type Story, type Trial, trialsOf } from './arena.ts'
import { STORIES } from './stories.ts'
import { faults, hangs, signals } from './trials.ts'

/** Each trial waits for what hangs. */
const TIMEOUT = 3_600_000

/** Between them they have every kind of thing, and every way to begin and to end. */
const TOLD = ['apply a shared segment', 'edit flask', 'destroy what was made by hand']

/** Every sort of disturbance, each once in one of the stories; `npm run test:soak -- --exhaustive` takes all there are. */
test.each(TOLD)(
  '%s, disturbed: the exit code says how the host is, and the next one converges',
  async name => {
    const story = STORIES.find(one => one.name === name) as Story
    const seen = new Set<string>()
    const { done, count, failures } = await trialsOf(
      story,
      arena =>
        oneOfEach([...faults(arena), ...signals(arena), ...hangs(arena)]).filter(
          (_, i) => i % TOLD.length === TOLD.indexOf(name),
        ),
      { hosts: 2 },
    )
    expect(failures).toEqual([])
    for (const { kind } of done) seen.add(kind)
    expect(seen.size).toBe(count)
    expect(count).toBeGreaterThan(3)
  },
  TIMEOUT,
)

test('what a rollback has made that fails on its way is still known for nsctl’s', async () => {
  const story = STORIES.find(({ name }) => name === 'destroy flask') as Story
  const { failures, count } = await trialsOf(
    story,
    arena =>
      faults(arena).filter(({ name }) => /^fail-before .* of ip -batch - .*and all that follow/.test(name)),
    { hosts: 2 },
  )
  expect(failures).toEqual([])
  expect(count).toBeGreaterThan(1)
})

test.each([
  ['apply a chain of namespaces', 'settings that were read in half', /^truncated .*grep -rsH/],
  [
    'edit a chain of namespaces',
    'a setting that could not be written is claimed as before',
    /^(lie|fail-before) call 1 .* sysctl -q/,
  ],
  [
    'destroy what was made by hand',
    'what is given back is proven too',
    /^lie call 1 of ip (netns exec hand sysctl|-n hand link set)/,
  ],
])('%s: %s', async (name, _, wanted) => {
  const story = STORIES.find(one => one.name === name) as Story
  const { failures, count } = await trialsOf(
    story,
    arena => faults(arena).filter(trial => wanted.test(trial.name)),
    { hosts: 2 },
  )
  expect(failures).toEqual([])
  expect(count).toBeGreaterThan(0)
})

/** One from the midst of each sort. */
function oneOfEach(all: Trial[]): Trial[] {
  const sorts = [...new Set(all.map(({ fault }) => kindOf(fault)))]
  return sorts.map(sort => {
    const of = all.filter(({ fault }) => kindOf(fault) === sort)
    return of[Math.floor(of.length / 2)] as Trial
  })
}
