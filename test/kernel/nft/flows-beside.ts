import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHost } from '../host/host.ts'
import { compare, fateSaid, type Tally } from './compare.ts'
import { buildExplain, explain } from './explain-built.ts'
import type { Flow } from './flow.ts'
import { send } from './packets.ts'
import { prepare } from './prepare.ts'
import { randomFlows, seedOf } from './random-flows.ts'
import type { RulesetCase } from './ruleset.ts'

/** Random flows beside each ruleset, besides those that are written; NSCTL_SOAK=100 for more of them. */
const RANDOM = Number(process.env.NSCTL_SOAK ?? 6)
/** Where seeds begin. */
export const SEED = Number(process.env.NSCTL_SEED ?? 7)
/** Of all flows, how many explain may leave open. */
const OPEN = 0.03

/** A test for each ruleset: explain says of every flow what a real packet meets. */
export function flowsBeside(rulesets: RulesetCase[]): void {
  const tallies: Tally[] = []
  let explainer: Awaited<ReturnType<typeof buildExplain>>
  beforeAll(async () => {
    explainer = await buildExplain()
  })
  afterAll(() => explainer.remove())

  test.each(rulesets.map(one => [one.name, one] as const))('%s', async (name, ruleset) => {
    const guests = ruleset.setup.includes('bridged') ? ['guest', 'guest'] : []
    const random = randomFlows(RANDOM, seedOf(name, SEED), guests)
    const tally = await tryRuleset(ruleset, random, explainer.path)
    tallies.push(tally)
    expect(tally.mistaken).toEqual([])
    expect(tally.wrong).toEqual([])
  })

  test(`explain leaves at most ${OPEN * 100} % of the flows open`, () => {
    const flows = tallies.reduce((sum, tally) => sum + tally.flows, 0)
    const open = tallies.flatMap(({ undetermined }) => undetermined)
    console.log(`${flows} flows beside ${tallies.length} rulesets, ${open.length} undetermined`, open)
    expect(open.length <= flows * OPEN ? [] : open).toEqual([])
  })
}

async function tryRuleset(ruleset: RulesetCase, random: Flow[], explainer: string): Promise<Tally> {
  await using host = await createHost()
  await prepare(host, ruleset)
  const all = [...ruleset.flows, ...random.map(flow => ({ flow, written: null }))]
  const flows = all.map(({ flow }) => flow)
  const said = await explain(host, flows, explainer)
  const met = await send(
    host,
    flows,
    all.map(({ written }, i) => written?.fate ?? fateSaid(said[i])),
  )
  const tried = all.map((one, i) => ({
    ...one,
    said: said[i] ?? 'nothing',
    met: met[i] ?? { fate: 'dropped' as const, by: null },
  }))
  return compare(ruleset.name, ruleset.owner, tried)
}
