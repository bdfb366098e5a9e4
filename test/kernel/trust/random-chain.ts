import { type Random, randomFrom } from '../../random/random.ts'
import { type Draft, editedTopology, randomTopology, textOf } from '../../random/topology.ts'
import type { Result } from '../host/holder.ts'
import { createHost } from '../host/host.ts'
import { difference } from '../oracle/difference.ts'
import { picture } from '../oracle/oracle.ts'
import { type StandIns, standIns } from './stand-in.ts'

interface ChainOptions {
  /** Whether nsctl is killed, or its command fails, somewhere in each apply before that is told again. */
  kills?: boolean
  edits?: number
}

export interface Chain {
  seed: number
  applies: number
  changes: number
  /** Disturbances that came to pass. */
  hits: number
  /** What did not hold, and how to see it again; null: all did. */
  failure: string | null
}

const FILE = '/run/topologies/random.yaml'
/** More than the calls of most applies: a disturbance that comes too late is none. */
const CALLS = 45

/** One host, and a random topology on it: applied, edited again and again, destroyed; the host has to be as before. */
export async function tellChain(
  seed: number,
  { kills = false, edits = 2 }: ChainOptions = {},
): Promise<Chain> {
  const random = randomFrom(seed)
  const chain: Chain = { seed, applies: 0, changes: 0, hits: 0, failure: null }
  await using host = await createHost()
  await host.run('sh', [
    '-ec',
    'ip link add wan type veth peer name far netns outside; ip address add 203.0.113.130/25 dev wan; ip link set wan up; ip -n outside link set far up',
  ])
  const instead = kills ? await standIns(host) : null
  const before = await picture(host)
  const drafts: Draft[] = []
  try {
    for (let edit = 0; edit <= edits; edit++) {
      const last = drafts.at(-1)
      drafts.push(last ? editedTopology(random, last) : randomTopology(random))
      await host.write(FILE, textOf(drafts.at(-1) as Draft))
      if (instead) chain.hits += await disturbed(instead, random, ['apply', FILE, '--yes'])
      const applied = succeeded('apply', await host.nsctl(['apply', FILE, '--yes']))
      chain.applies++
      chain.changes += changesIn(applied.stdout)
      const again = await host.nsctl(['plan', FILE, '--detailed-exitcode'])
      if (again.exitCode !== 0) throw new Error(`a second plan is not empty:\n${again.stdout}${again.stderr}`)
    }
    if (instead) chain.hits += await disturbed(instead, random, ['destroy', 'random', '--yes'])
    succeeded('destroy', await host.nsctl(['destroy', 'random', '--yes']))
    const left = difference(before, await picture(host))
    if (left.length > 0) throw new Error(`not as before:\n${left.slice(0, 30).join('\n')}`)
  } catch (error) {
    const files = drafts.map((draft, i) => `${i === 0 ? 'the topology' : `edit ${i}`}: ${textOf(draft)}`)
    chain.failure = `${(error as Error).message}\n${files.join('')}again: npm run test:soak -- --replay ${kills ? 'kills' : 'random'}:${seed}`
  }
  return chain
}

async function disturbed(instead: StandIns, random: Random, args: string[]): Promise<number> {
  const act = random.pick(['kill-before', 'kill-during', 'kill-after', 'fail-before', 'fail-after'] as const)
  await instead.nsctl(args, { any: 1 + random.below(CALLS), act })
  return (await instead.wasHit()) ? 1 : 0
}

function changesIn(output: string): number {
  const counts = /^Plan: (\d+) to create, (\d+) to update, (\d+) to replace, (\d+) to delete/m.exec(output)
  return (counts ?? []).slice(1).reduce((sum, count) => sum + Number(count), 0)
}

function succeeded(what: string, result: Result): Result {
  if (result.exitCode !== 0)
    throw new Error(`${what}: exit code ${result.exitCode}:\n${result.stdout}${result.stderr}`)
  return result
}
