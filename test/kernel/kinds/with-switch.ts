/**
 * nsctl's planner with one kind more, on the host that it runs in: `plan FILE`, `apply FILE`, `try FILE`, which rolls
 * back what it has applied, or `destroy NAME`. Prints a JSON document.
 */
import { readFileSync } from 'node:fs'
import pc from 'picocolors'
import pino from 'pino'
import { createRunner } from '../../../src/kernel/process/run.ts'
import { readSnapshot } from '../../../src/kernel/read/snapshot.ts'
import { applyPlan } from '../../../src/kernel/write/apply.ts'
import { KINDS, observedState } from '../../../src/kinds/all.ts'
import type { AnyKind, Kinds } from '../../../src/kinds/kind.ts'
import type { Snapshot } from '../../../src/model/host/snapshot.ts'
import type { Plan } from '../../../src/model/plan/plan.ts'
import type { Topology } from '../../../src/model/topology.ts'
import { likelyAuthor } from '../../../src/planner/likely-author.ts'
import { planDestroy, planRollback, planTopology } from '../../../src/planner/plan.ts'
import { predict } from '../../../src/planner/predict.ts'
import { rootsOf } from '../../../src/planner/roots.ts'
import { factsOf } from '../../../src/planner/saved-plan/facts.ts'
import { renderPlan } from '../../../src/render/plan/plan.ts'
import { loadTopology } from '../../../src/topology/load.ts'
import { innerSwitch } from './switch.ts'

const WITH_SWITCH: Kinds = [...KINDS, innerSwitch as unknown as AnyKind]

const NOBODY = { managers: [], settings: {}, ruleWriter: null }

/** What a plan says of itself. */
export interface Told {
  text: string
  changes: string[]
  /** Those that somebody made, not what went along with them. */
  roots: string[]
  authors: (string | null)[]
  /** Ids of what a saved plan would rest on. */
  facts: string[]
  /** The switch of each namespace as predicted. */
  predicted: Switches
}

export type Switches = Record<string, { kind: string | null; up: boolean; mtu: number; alias: string | null }>

/** Before the plan, after it, and, where it was rolled back, at the end. */
export interface Done {
  plan: Told
  live: Switches
  /** What a second plan would change. */
  left: string[]
  rolledBack: { plan: Told; live: Switches } | null
}

const run = createRunner(pino({ level: 'silent' }))
const read = () =>
  readSnapshot(
    run,
    { sysctls: [], variant: 'auto', reader: 'auto', program: '' },
    { claims: [], journal: null },
  )

function switchesIn({ namespaces }: Snapshot): Switches {
  return Object.fromEntries(
    Object.entries(namespaces).flatMap(([name, { links }]) =>
      links
        .filter(link => link.name === 'sw0')
        .map(({ kind, up, mtu, alias }) => [name, { kind, up, mtu, alias }]),
    ),
  )
}

function tell(plan: Plan, topology: Topology | null, snapshot: Snapshot): Told {
  const { changes } = plan
  return {
    text: renderPlan(plan, pc.createColors(false), WITH_SWITCH),
    changes: changes.map(({ action, id }) => `${action} ${id}`),
    roots: rootsOf(changes, WITH_SWITCH).map(({ id }) => id),
    authors: changes.map(change => likelyAuthor(change, changes, snapshot, NOBODY, WITH_SWITCH)),
    facts: factsOf(plan, topology, snapshot, WITH_SWITCH).facts.map(({ id }) => id),
    predicted: switchesIn(predict(snapshot, changes, WITH_SWITCH)),
  }
}

async function send(plan: Plan): Promise<void> {
  await applyPlan({ run, reader: 'auto', program: '' }, plan, () => {}, new AbortController().signal)
}

async function act(verb: string, target: string): Promise<Done> {
  const topology = verb === 'destroy' ? null : loadTopology(readFileSync(target, 'utf8'), target, {}).topology
  const planFor = (now: Snapshot) =>
    topology ? planTopology(topology, now, WITH_SWITCH) : planDestroy(target, now, WITH_SWITCH)
  const before = await read()
  const plan = planFor(before)
  if (verb !== 'plan') await send(plan)
  const after = await read()
  const done = {
    plan: tell(plan, topology, before),
    live: switchesIn(after),
    left: planFor(after).changes.map(({ id }) => id),
  }
  if (verb !== 'try') return { ...done, rolledBack: null }
  const attempt = { topology: plan.topology, touches: plan.changes.map(({ id }) => id) }
  const back = planRollback(attempt, observedState(before, plan.topology, WITH_SWITCH), after, WITH_SWITCH)
  await send(back)
  return { ...done, rolledBack: { plan: tell(back, topology, after), live: switchesIn(await read()) } }
}

const [verb = '', target = ''] = process.argv.slice(2)
console.log(JSON.stringify(await act(verb, target)))
