import buildWhenStale from '../kernel/build.ts'
import { type Chain, tellChain } from '../kernel/trust/random-chain.ts'
import { soakOptions, USAGE } from './arguments.ts'
import { leaks } from './leaks.ts'
import { type Part, render } from './report.ts'
import { oneTrial, someTrials } from './trials.ts'
import { watching } from './watching.ts'

const options = readOptions()
const deadline = Date.now() + options.minutes * 60_000
const say = (text: string) => void process.stderr.write(`${text}\n`)
let cancelled = false
process.once('SIGINT', () => {
  cancelled = true
  say('stopping after what is under way; once more stops at once')
})

buildWhenStale()
const parts = options.replay === null ? await soak() : [await replay(options.replay)]
process.stdout.write(render(parts, options))
process.exitCode = parts.some(({ failures }) => failures.length > 0) ? 1 : 0

function readOptions() {
  try {
    return soakOptions(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}\n`)
    process.exit(64)
  }
}

async function soak(): Promise<Part[]> {
  const wanted = (part: string) => options.parts.length === 0 || options.parts.includes(part)
  const timed = ['random', 'kills', 'trials'].filter(wanted)
  const share = (i: number) => Date.now() + (deadline - Date.now()) / (timed.length - i)
  const done: Part[] = []
  for (const [i, part] of timed.entries()) {
    const until = share(i)
    say(`${part}, seed ${options.seed}`)
    done.push(
      part === 'trials'
        ? await someTrials(options, { until, cancelled: () => cancelled, say })
        : await chains(part === 'kills', until),
    )
  }
  if (wanted('cycles') && options.cycles > 0) done.push(await cycles())
  if (wanted('watch') && options.repairs > 0) done.push(await watching(options.repairs, say))
  return done
}

/** Until the time is over: one seed after the other, on several hosts. */
async function chains(killed: boolean, until: number): Promise<Part> {
  const told: Chain[] = []
  let seed = options.seed
  const lane = async () => {
    while (Date.now() < until && !cancelled) {
      const chain = await tellChain(seed++, { kills: killed, edits: 3 })
      told.push(chain)
      if (chain.failure) say(`seed ${chain.seed}: ${chain.failure}`)
    }
  }
  await Promise.all(Array.from({ length: options.lanes }, lane))
  return chainPart(killed, told)
}

function chainPart(killed: boolean, told: Chain[]): Part {
  const sum = (of: (chain: Chain) => number) => told.reduce((total, chain) => total + of(chain), 0)
  return {
    name: killed ? 'random topologies with kills and failures' : 'random topologies',
    figures: {
      topologies: told.length,
      applies: sum(({ applies }) => applies),
      changes: sum(({ changes }) => changes),
      ...(killed ? { 'kills and failures that came to pass': sum(({ hits }) => hits) } : {}),
    },
    failures: told.flatMap(({ seed, failure }) => (failure === null ? [] : [`seed ${seed}: ${failure}`])),
  }
}

async function cycles(): Promise<Part> {
  say(`${options.cycles} cycles of apply, edit, destroy`)
  const every = Math.max(1, Math.ceil(options.cycles / 10))
  const { counts, left } = await leaks(options.cycles, every, counted => say(JSON.stringify(counted)))
  const [first, last] = [counts[0], counts.at(-1)]
  const grown = Object.entries(last ?? {}).filter(
    ([name, value]) => name !== 'cycle' && value > (first?.[name as keyof typeof first] ?? 0),
  )
  const { cycle = 0, ...figures } = last ?? { cycle: 0 }
  return {
    name: 'leaks',
    figures: { 'cycles of apply, edit, destroy': cycle, ...figures },
    failures: [...grown.map(([name, value]) => `${name} has grown to ${value}`), ...left],
  }
}

async function replay(what: string): Promise<Part> {
  const seeded = /^(random|kills):(\d+)$/.exec(what)
  if (seeded) {
    const chain = await tellChain(Number(seeded[2]), { kills: seeded[1] === 'kills', edits: 3 })
    return chainPart(seeded[1] === 'kills', [chain])
  }
  const told = await oneTrial(what)
  told.failures.forEach(say)
  return told
}
