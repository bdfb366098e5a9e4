import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { enact } from '../kernel/enact.ts'
import { addClaims, type Journal, readJournal, writeJournal } from '../kernel/records.ts'
import { CommandFailed } from '../kernel/run.ts'
import { furnish, hideNamespace, isolation, ownSpaces } from '../kernel/sandbox.ts'
import { StepFailed } from '../kernel/step-failed.ts'
import { findTool } from '../kernel/tools.ts'
import { escapeLines } from '../model/escape.ts'
import type { Change, Plan } from '../model/plan.ts'
import type { Claim, Snapshot } from '../model/snapshot.ts'
import type { Topology } from '../model/topology.ts'
import { planTopology } from '../planner/plan.ts'
import { relevantTo } from '../planner/replay/relevant.ts'
import { replay } from '../planner/replay/replay.ts'
import { carryOut, NotConverged } from './carry-out.ts'
import { type Context, type HostOptions, Refused } from './context.ts'
import { readLive } from './live.ts'
import { messageOf } from './message.ts'

/** What is sent to the process in the copy; plain JSON. */
interface Rehearsal {
  topology: Topology
  plan: Plan
  snapshot: Snapshot
  journal: Journal | null
  iptables: HostOptions['iptables']
  /** The namespaces that must not be the copy's. */
  outside: string[]
}

/** What it answers. */
interface Outcome {
  /** Ids of the changes that failed, null where it is not known which, with the reason. */
  failures: { change: string | null; why: string }[]
  /** What of the host is not in the copy. */
  missing: string[]
}

const PATIENCE = 600_000

/**
 * Carries a plan out in a copy of what it has to do with, in namespaces of its own, by the same code as for the host.
 * Throws Refused when that fails, or a second plan there is not empty; the host was then not touched.
 */
export async function rehearse(
  { topology, plan, snapshot, iptables }: Omit<Rehearsal, 'journal' | 'outside'>,
  context: Context,
): Promise<void> {
  const { name } = topology
  const rehearsal: Rehearsal = {
    topology,
    plan,
    snapshot: relevantTo(topology, plan, snapshot),
    journal: readJournal(name),
    iptables,
    outside: ownSpaces(),
  }
  const { failures, missing } = await inACopy(rehearsal, context)
  if (missing.length > 0) context.say(`nsctl: not in the copy that the plan is tried in:\n${listed(missing)}`)
  if (failures.length > 0) {
    const reasons = failures.map(({ change, why }) => `${placeOf(plan.changes, change)}${why}`)
    throw new Refused(`${name}: the rehearsal failed; nothing was changed:\n${listed(reasons).trimEnd()}`)
  }
  context.say(`${name}: rehearsed in a copy of the host: every step succeeds, and a second plan is empty\n`)
}

async function inACopy(rehearsal: Rehearsal, { run, self }: Context): Promise<Outcome> {
  // If nsctl is ended meanwhile, so is the copy.
  const bound = ['--pdeathsig', 'KILL', findTool('unshare') ?? 'unshare', ...isolation(), '--']
  try {
    const { stdout } = await run('setpriv', [...bound, ...self, 'rehearse-init'], {
      input: JSON.stringify(rehearsal),
      timeout: PATIENCE,
    })
    return JSON.parse(stdout) as Outcome
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    throw new Refused(`no rehearsal, and nothing was changed: ${error.stderr.trim() || error.message}`)
  }
}

/** The inner half, in fresh namespaces: builds the copy and carries the plan out. */
export async function rehearseInit(context: Context): Promise<number> {
  const rehearsal = JSON.parse(readFileSync(0, 'utf8')) as Rehearsal
  if (ownSpaces().some(space => rehearsal.outside.includes(space)))
    throw new Refused('rehearse-init: not in namespaces of its own')
  const { topology, plan, iptables } = rehearsal
  const missing = await build(rehearsal, context)
  const reader = 'auto'
  const read = () => readLive(context, { iptables, reader }, topology.name, topology)
  const again = (now: Snapshot) => planTopology(topology, now)
  const unlike = differences(plan, again(await read()))
  // What the copy has otherwise than the host is no failure of the plan.
  const proof = { read, again: (now: Snapshot) => without(again(now), new Set(unlike)), reader } as const
  const failures = await failuresOf(() =>
    carryOut(
      plan,
      proof,
      { ...context, progress: () => {}, waiting: () => () => {} },
      new AbortController().signal,
    ),
  )
  const outcome: Outcome = { failures, missing: [...missing, ...unlike] }
  context.write(`${JSON.stringify(outcome)}\n`)
  return 0
}

async function build({ snapshot, journal }: Rehearsal, { run }: Context): Promise<string[]> {
  await furnish(run, { uplink: false })
  const beyond = `beyond-${randomBytes(4).toString('hex')}`
  await run('ip', ['netns', 'add', beyond])
  const { commands, omitted } = replay(snapshot, beyond)
  const failed = await enact(run, commands)
  await hideNamespace(run, beyond)
  for (const { holders, ...claim } of snapshot.claims) hold(claim, holders)
  if (journal) writeJournal(journal)
  return [...omitted, ...failed]
}

function hold(claim: Omit<Claim, 'holders'>, holders: string[]): void {
  for (const holder of holders) addClaims([claim], holder)
}

/** Ids of what would be done in the copy and not on the host. */
function differences(plan: Plan, there: Plan): string[] {
  const planned = new Set(plan.changes.map(({ id }) => id))
  return there.changes.flatMap(({ id }) => (planned.has(id) ? [] : [id]))
}

function without(plan: Plan, ids: Set<string>): Plan {
  return { ...plan, changes: plan.changes.filter(({ id }) => !ids.has(id)) }
}

async function failuresOf(act: () => Promise<unknown>): Promise<Outcome['failures']> {
  try {
    await act()
    return []
  } catch (error) {
    if (error instanceof NotConverged) {
      return error.left.changes.map(({ id, action }) => ({
        change: id,
        why: `${id}: the commands succeeded, but a second plan would still ${action} it`,
      }))
    }
    return [{ change: error instanceof StepFailed ? error.change : null, why: messageOf(error) }]
  }
}

function placeOf(changes: Change[], id: string | null): string {
  const source = changes.find(change => change.id === id)?.source
  return source ? `${source.file}:${source.line}: ` : ''
}

const MOST_LISTED = 10

function listed(items: string[]): string {
  const more = items.length - MOST_LISTED
  const lines = [...items.slice(0, MOST_LISTED), ...(more > 0 ? [`and ${more} more`] : [])]
  return lines.map(line => `  ${escapeLines(line).replaceAll('\n', ' ')}\n`).join('')
}
