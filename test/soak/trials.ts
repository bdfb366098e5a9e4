import { type Arena, arena, kindOf, type Story, type Trial, trialsOf } from '../kernel/trust/arena.ts'
import { STORIES } from '../kernel/trust/stories.ts'
import { allTrials } from '../kernel/trust/trials.ts'
import type { SoakOptions } from './arguments.ts'
import { TrialRecord } from './record.ts'
import type { Part } from './report.ts'

interface Running {
  until: number
  cancelled(): boolean
  say(text: string): void
}

/** All disturbances of all stories that the record does not say to have held, or some until the time is over. */
export async function someTrials(options: SoakOptions, { until, cancelled, say }: Running): Promise<Part> {
  const record = new TrialRecord(options.record)
  const every: { story: Story; trial: Trial }[] = []
  const each = (until - Date.now()) / STORIES.length
  for (const story of STORIES) {
    const end = Date.now() + each
    const toMake = (here: Arena) => {
      const all = allTrials(here)
      every.push(...all.map(trial => ({ story, trial })))
      return all.filter(({ name }) => record.of(story.name, name)?.failure !== null)
    }
    const told = await trialsOf(story, toMake, {
      hosts: options.lanes,
      goesOn: () => !cancelled() && (options.exhaustive || Date.now() < end),
      seed: options.seed,
      tell: ({ name, fault }, failure) => {
        record.add({ story: story.name, trial: name, kind: kindOf(fault), failure })
        if (failure !== null) say(`${story.name}, ${name}: ${failure}`)
      },
    })
    say(`${story.name}: ${told.done.length} of ${told.count} left, ${told.failures.length} failed`)
  }
  return summary(every, record)
}

function summary(every: { story: Story; trial: Trial }[], record: TrialRecord): Part {
  const made = every.flatMap(({ story, trial }) => record.of(story.name, trial.name) ?? [])
  const figures: Record<string, number> = {
    'trials made': made.length,
    'of all that there are': every.length,
  }
  for (const { kind } of made) figures[kind] = (figures[kind] ?? 0) + 1
  const failures = made.flatMap(({ story, trial, failure }) =>
    failure === null ? [] : [`${story}, ${trial}: ${failure}`],
  )
  return { name: 'kills, faults and signals at every command of twelve stories', figures, failures }
}

/** One trial again, by the name that its failure has printed. */
export async function oneTrial(what: string): Promise<Part> {
  const story = STORIES.find(({ name }) => what.startsWith(`${name}, `))
  if (!story) throw new Error(`--replay ${what}: no such story`)
  const here = await arena(story)
  const every = allTrials(here)
  await here.host.dispose()
  const found = (trial: Trial) => what === `${story.name}, ${trial.name}`
  if (!every.some(found)) throw new Error(`--replay ${what}: no such trial`)
  const told = await trialsOf(story, () => every.filter(found), { hosts: 1 })
  return { name: what, figures: { trials: told.done.length }, failures: told.failures }
}
