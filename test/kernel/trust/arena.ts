import { randomFrom, shuffled } from '../../random/random.ts'
import type { Result } from '../host/holder.ts'
import { createHost, type Host } from '../host/host.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'
import { type Call, type Fault, type StandIns, standIns } from './stand-in.ts'

/** A change of a host's topology, and where it starts from. MACs are given, so that two runs come to the same. */
export interface Story {
  name: string
  /** What a host is given before: a script. */
  host?: string
  /** The file that is in force at the start; null: none. */
  from: string | null
  /** The file that is applied; null: the topology is destroyed. */
  to: string | null
  options?: string[]
}

/** A host in which one story is told again and again, and what it looks like at each of its stations. */
export interface Arena {
  story: Story
  host: Host
  standIns: StandIns
  /** The story's own command line. */
  args: string[]
  /** Without the topology, at the start of the story, and at its end. */
  pictures: { bare: Picture; start: Picture; end: Picture }
  /** What the story does when nothing happens to it. */
  calls: Call[]
  files: string[]
}

const FROM = '/run/topologies/from.yaml'
const TO = '/run/topologies/to.yaml'

export async function arena(story: Story): Promise<Arena> {
  const host = await createHost()
  try {
    // The first namespace ever makes `ip` mount /run/netns, for good.
    await host.run('sh', ['-ec', `ip netns add first; ip netns del first\n${story.host ?? ''}`])
    if (story.from !== null) await host.write(FROM, story.from)
    if (story.to !== null) await host.write(TO, story.to)
    const instead = await standIns(host)
    const args =
      story.to === null
        ? ['destroy', nameOf(story), '--yes', ...(story.options ?? [])]
        : ['apply', TO, '--yes', ...(story.options ?? [])]
    const bare = await picture(host)
    const made: Arena = {
      ...{ story, host, standIns: instead, args, calls: [], files: [] },
      pictures: { bare, start: bare, end: bare },
    }
    await toStart(made)
    made.pictures.start = await picture(host)
    succeeded(await instead.nsctl(args))
    const calls = await instead.calls()
    made.pictures.end = await picture(host)
    await expectNothingToDo(made)
    await toStart(made)
    // What depends on the connections there happen to be is not called every time, and needs a file of its own.
    succeeded(await instead.nsctl(args))
    made.files = await instead.files()
    const again = new Set((await instead.calls()).map(callId))
    made.calls = calls.filter(call => again.has(callId(call)))
    await toStart(made)
    return made
  } catch (error) {
    await host.dispose()
    throw error
  }
}

function callId({ key, nth }: Call): string {
  return `${nth} ${key}`
}

function nameOf({ from, to }: Story): string {
  return /^name: *(\S+)/m.exec(from ?? to ?? '')?.[1] ?? ''
}

/** Back to where the story starts. */
export async function toStart(arena: Arena): Promise<void> {
  const { story, host } = arena
  if (story.from === null) await toBare(arena)
  else succeeded(await host.nsctl(['apply', FROM, '--yes', ...(story.options ?? [])]))
}

export async function toBare({ story, host }: Arena): Promise<void> {
  succeeded(await host.nsctl(['destroy', nameOf(story), '--yes', ...(story.options ?? [])]))
}

/** Tells the story undisturbed. */
export async function toEnd({ host, args }: Arena): Promise<void> {
  succeeded(await host.nsctl(args))
}

/** What is planned rests on what a picture shows: where trials come to the same picture, this holds there too. */
async function expectNothingToDo({ story, host }: Arena): Promise<void> {
  const plan = story.to === null ? ['plan', '--destroy', FROM] : ['plan', TO]
  const again = await host.nsctl([...plan, '--detailed-exitcode', ...(story.options ?? [])])
  if (again.exitCode !== 0) throw new Error(`a second plan is not empty:\n${again.stdout}${again.stderr}`)
}

export type Station = keyof Arena['pictures']

/** What the host differs in from one of the story's stations; MACs of links that were made anew apart. */
export async function awayFrom({ story, host, pictures }: Arena, station: Station): Promise<string[]> {
  const topology = { bare: null, start: story.from, end: story.to }[station]
  return difference(timeless(pictures[station]), timeless(await picture(host))).filter(
    line => topology === null || !line.includes('> attributes > address: '),
  )
}

/** Records without when something was done, by whom, in which order values were claimed, and what nsctl had set before. */
function timeless({ files, ...others }: Picture): Picture {
  const known = Object.entries(files).filter(([path]) => path !== '/run/nsctl/lock')
  const lasting = ([path, entry]: [string, string]): [string, string] => {
    const [mode = '', content = ''] = entry.split(/\n(.*)/s)
    if (path.startsWith('/run/nsctl/applied/')) return [path, mode]
    return [path, path === '/run/nsctl/claims.json' ? `${mode} ${claimsIn(content)}` : entry]
  }
  return { ...others, files: Object.fromEntries(known.map(lasting)) }
}

function claimsIn(content: string): string[] {
  const claims: object[] = JSON.parse(content)
  return claims.map(claim => JSON.stringify({ ...claim, replaces: undefined })).sort()
}

export async function expectAt(arena: Arena, station: Station, when: string): Promise<void> {
  const away = await awayFrom(arena, station)
  if (away.length > 0) throw new Error(`${when}: not as at the ${station}:\n${away.slice(0, 20).join('\n')}`)
}

function succeeded(result: Result): void {
  if (result.exitCode !== 0)
    throw new Error(`exit code ${result.exitCode}:\n${result.stdout}${result.stderr}`)
}

/** One disturbance of a story, and what has to hold then. */
export interface Trial {
  name: string
  fault: Fault
  check(arena: Arena, result: Result): Promise<void>
}

export interface Told {
  /** Trials that were made, and what sort of disturbance each was. */
  done: { name: string; kind: string }[]
  /** How many there were to make. */
  count: number
  failures: string[]
}

interface TrialOptions {
  hosts: number
  goesOn?: () => boolean
  /** What shuffles them; default: they come in their order. */
  seed?: number
  /** Is told of each as it ends; null: it held. */
  tell?: (trial: Trial, failure: string | null) => void
}

/** Makes trials of a story, on several hosts at a time, until there are no more or `goesOn` says no. */
export async function trialsOf(
  story: Story,
  make: (arena: Arena) => Trial[],
  { hosts, goesOn = () => true, seed, tell = () => {} }: TrialOptions,
): Promise<Told> {
  const first = await arena(story)
  const made = make(first)
  const waiting = seed === undefined ? made : shuffled(randomFrom(seed), made)
  const told: Told = { done: [], count: waiting.length, failures: [] }
  const lane = async (given: Arena | null) => {
    let here = given
    try {
      for (let trial = goesOn() && waiting.shift(); trial; trial = goesOn() && waiting.shift()) {
        here ??= await arena(story)
        const failure = await failureOf(here, trial)
        told.done.push({ name: trial.name, kind: kindOf(trial.fault) })
        tell(trial, failure)
        if (failure === null) continue
        told.failures.push(`${story.name}, ${trial.name}: ${failure}`)
        await here.host.dispose()
        here = null
      }
    } finally {
      await here?.host.dispose()
    }
  }
  const others = Array.from({ length: Math.min(hosts, told.count) - 1 }, () => lane(null))
  await Promise.all([lane(first), ...others])
  return told
}

async function failureOf(here: Arena, trial: Trial): Promise<string | null> {
  try {
    const result = await here.standIns.nsctl(here.args, trial.fault)
    if (!(await here.standIns.wasHit())) return 'the fault was not hit'
    await trial.check(here, result).catch(error => {
      const said = `exit code ${result.exitCode}: ${result.stderr.slice(-1500)}`
      throw new Error(`${(error as Error).message}\n${said}`)
    })
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/** What sort of disturbance a fault is, to count them by. */
export function kindOf(fault: Fault): string {
  if ('file' in fault) return `${fault.code ?? fault.act} at a file`
  return 'at' in fault && fault.signal ? `SIG${fault.signal}` : fault.act
}

/** Evenly spread over a list, always the same ones. */
export function share<T>(list: T[], size: number): T[] {
  if (size >= list.length) return list
  return Array.from({ length: size }, (_, i) => list[Math.floor((i * list.length) / size)] as T)
}
