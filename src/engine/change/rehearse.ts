import { randomBytes } from 'node:crypto'
import { CommandFailed } from '../../kernel/process/run.ts'
import { findTool } from '../../kernel/process/tools.ts'
import { addClaims, type Journal, readJournal, writeJournal } from '../../kernel/records/records.ts'
import { furnish, hideNamespace, isolation, ownSpaces } from '../../kernel/sandbox.ts'
import { applyReplay } from '../../kernel/write/apply.ts'
import { StepFailed } from '../../kernel/write/step-failed.ts'
import type { Claim, Snapshot } from '../../model/host/snapshot.ts'
import type { RehearsalFailure } from '../../model/plan/outcome.ts'
import type { Plan } from '../../model/plan/plan.ts'
import { messageOf } from '../../model/text/escape.ts'
import type { Topology } from '../../model/topology.ts'
import { planTopology } from '../../planner/plan.ts'
import { relevantTo } from '../../planner/replay/relevant.ts'
import { replay } from '../../planner/replay/replay.ts'
import type { HostAccess } from '../host/access.ts'
import { NotVerified } from '../host/failure.ts'
import { readFor } from '../host/read-host.ts'
import { applyAndVerify } from './apply-and-verify.ts'

/** What the process in the copy is sent; plain JSON. */
export interface Rehearsal {
  topology: Topology
  plan: Plan
  snapshot: Snapshot
  journal: Journal | null
  iptables: HostAccess['iptables']
  /** The namespaces that the copy must not be in. */
  outside: string[]
}

/** What it answers. */
export interface RehearsalResult {
  failures: RehearsalFailure[]
  /** Objects of the host that the copy lacks. */
  missing: string[]
}

const TIMEOUT = 600_000

/**
 * Applies a plan in a copy of the part of the host that it depends on, in namespaces of its own, by the code that applies
 * it on the host. Throws where no copy can be made.
 */
export async function rehearse(
  { topology, plan, snapshot }: Pick<Rehearsal, 'topology' | 'plan' | 'snapshot'>,
  access: HostAccess,
): Promise<RehearsalResult> {
  return inCopy(
    {
      topology,
      plan,
      snapshot: relevantTo(topology, plan, snapshot),
      journal: readJournal(topology.name),
      iptables: access.iptables,
      outside: ownSpaces(),
    },
    access,
  )
}

async function inCopy(rehearsal: Rehearsal, { run, self }: HostAccess): Promise<RehearsalResult> {
  // If nsctl is killed meanwhile, so is the copy.
  const bound = ['--pdeathsig', 'KILL', findTool('unshare') ?? 'unshare', ...isolation(), '--']
  try {
    const { stdout } = await run('setpriv', [...bound, ...self, 'rehearse-init'], {
      input: JSON.stringify(rehearsal),
      timeout: TIMEOUT,
    })
    return JSON.parse(stdout) as RehearsalResult
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    throw new Error(`no rehearsal, and nothing was changed: ${error.stderr.trim() || error.message}`)
  }
}

/** The inner half, in fresh namespaces: builds the copy and applies the plan in it. */
export async function rehearseHere(rehearsal: Rehearsal, access: HostAccess): Promise<RehearsalResult> {
  if (ownSpaces().some(space => rehearsal.outside.includes(space)))
    throw new Error('rehearse-init: not in namespaces of its own')
  const { topology, plan, iptables } = rehearsal
  const there: HostAccess = { ...access, iptables, reader: 'auto' }
  const missing = await build(rehearsal, there)
  const read = () => readFor({ name: topology.name, topologies: [topology] }, there)
  const replan = (now: Snapshot) => planTopology(topology, now)
  const unlike = differences(plan, replan(await read()))
  // Where the copy differs from the host, the plan has not failed.
  const verification = { read, replan: (now: Snapshot) => without(replan(now), new Set(unlike)) }
  const failures = await failuresOf(() => applyAndVerify(plan, verification, there, undefined))
  return { failures, missing: [...missing, ...unlike] }
}

async function build({ snapshot, journal }: Rehearsal, { run, reader, self }: HostAccess): Promise<string[]> {
  await furnish(run, { uplink: false })
  const beyond = `beyond-${randomBytes(4).toString('hex')}`
  await run('ip', ['netns', 'add', beyond])
  const { phases, omitted } = replay(snapshot, beyond)
  const failures = await applyReplay({ run, reader, program: self.at(-1) ?? '' }, phases)
  await hideNamespace(run, beyond)
  for (const { holders, ...claim } of snapshot.claims) hold(claim, holders)
  if (journal) writeJournal(journal)
  return [...omitted, ...failures.map(({ message }) => message)]
}

function hold(claim: Omit<Claim, 'holders'>, holders: string[]): void {
  for (const holder of holders) addClaims([claim], holder)
}

/** Ids of the changes that the copy needs and the host does not. */
function differences(plan: Plan, there: Plan): string[] {
  const planned = new Set(plan.changes.map(({ id }) => id))
  return there.changes.flatMap(({ id }) => (planned.has(id) ? [] : [id]))
}

function without(plan: Plan, ids: Set<string>): Plan {
  return { ...plan, changes: plan.changes.filter(({ id }) => !ids.has(id)) }
}

async function failuresOf(act: () => Promise<unknown>): Promise<RehearsalFailure[]> {
  try {
    await act()
    return []
  } catch (error) {
    if (error instanceof NotVerified) {
      return error.left.changes.map(({ id, action }) => ({
        change: id,
        why: `${id}: the commands succeeded, but a second plan would still ${action} it`,
      }))
    }
    return [{ change: error instanceof StepFailed ? error.change : null, why: messageOf(error) }]
  }
}
