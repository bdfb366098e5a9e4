import type { Earlier } from '../kernel/earlier.ts'
import {
  type Applied,
  type Journal,
  readApplied,
  removeJournal,
  writeApplied,
  writeJournal,
} from '../kernel/records.ts'
import { observedState } from '../kinds/all.ts'
import type { Plan } from '../model/plan.ts'
import type { SavedPlan } from '../model/saved-plan.ts'
import { sha256 } from '../model/sha256.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { HistoryEntry } from '../model/status.ts'
import type { Topology } from '../model/topology.ts'
import { expectationKey } from '../model/verification.ts'
import { planTopology } from '../planner/plan.ts'
import { wantedOn } from '../planner/wanted.ts'
import { renderPlan } from '../render/plan.ts'
import { keepsExpectations } from './apply-verify.ts'
import { refuseWhilePending } from './confirm.ts'
import { consent } from './consent.ts'
import { type ApplyOptions, type Context, Refused } from './context.ts'
import { converge } from './converge.ts'
import { destroyOne, destroySaved } from './destroy.ts'
import { isDirectory, readUnit } from './directory.ts'
import { MOST_READ, MOST_SAVED, readText } from './files.ts'
import { readLive, topologyIn } from './live.ts'
import { whileLocked } from './locked.ts'
import { sayFindings } from './plan.ts'
import { rehearse } from './rehearse.ts'
import { confirmationIn } from './reverter.ts'
import { declaredIn, looksLikePlan, optionsOf, parseSavedPlan, refuseMoved } from './saved-plan.ts'
import { settleClaims } from './settle-claims.ts'

/** A topology with the text that it was read from. */
export interface Declared {
  topology: Topology
  /** As it was given, for the records. */
  file: string
  text: string
  /** What was shown and saved: it is done exactly, or nothing is. */
  saved?: SavedPlan
  /** Where nobody asked for it by hand. */
  unasked?: Unasked
  /** Where it comes from, for the records. */
  origin?: Pick<Applied, 'directory'> & Pick<HistoryEntry, 'commit'>
}

/** What a watcher knows besides the file. */
export interface Unasked {
  /** The topology with what the host lacks for the moment filled in. */
  settled(topology: Topology, snapshot: Snapshot): Topology
  /** Throws Refused for a plan that is not to be carried out without anybody having looked at it. */
  judge(plan: Plan, snapshot: Snapshot): void
}

/**
 * Plans, converges, reads back, and proves that a second plan is empty. Takes a topology file, a directory of them, or a
 * saved plan.
 */
export async function apply(file: string, options: ApplyOptions, context: Context): Promise<number> {
  if (await isDirectory(file)) return applyDirectory(file, options, context)
  const text = await readText(file, head => (looksLikePlan(head) ? MOST_SAVED : MOST_READ))
  const saved = looksLikePlan(text) ? parseSavedPlan(text, file) : undefined
  const told = saved ? optionsOf(saved, options) : options
  const declared = saved
    ? declaredIn(saved, context)
    : { topology: topologyIn(text, file, context, options.accept), file, text }
  await whileLocked(context, options.lockTimeout, async () => {
    if (saved?.declaration.destroy) await destroySaved(saved, told, context)
    else await applyTopology(declared, told, context)
  })
  return 0
}

/** What has no file any more makes room first. The first failure ends it: what came before stays, and is said. */
async function applyDirectory(path: string, options: ApplyOptions, context: Context): Promise<number> {
  const { topologies, removed, directory } = await readUnit(path, context, options.accept)
  await whileLocked(context, options.lockTimeout, async () => {
    for (const name of removed) await destroyOne({ name }, options, context)
    for (const declared of topologies)
      await applyTopology({ ...declared, origin: { directory } }, options, context)
  })
  return 0
}

/** The apply of one topology, by who holds the lock. Returns what it has carried out, proven, and put on record. */
export async function applyTopology(
  declared: Declared,
  options: ApplyOptions,
  context: Context,
): Promise<Plan> {
  const started = performance.now()
  const { topology } = declared
  refuseWhilePending(topology.name)
  const read = (earlier?: Earlier) => readLive(context, options, topology.name, topology, earlier)
  const snapshot = await read()
  const planFor = (now: Snapshot) => planTopology(settledIn(declared, now), now)
  const plan = planFor(snapshot)
  if (declared.saved) refuseMoved(declared.saved, { plan, topology, snapshot })
  if (sayFindings(plan, context))
    throw new Refused(`${topology.name}: the host stands in the way; nothing was changed`)
  declared.unasked?.judge(plan, snapshot)
  context.write(renderPlan(plan, context.colors))
  const recordAt = (now: Snapshot) => recordOf({ ...declared, plan }, now, performance.now() - started)
  const demand = options.verify ? await keepsExpectations(topology, snapshot, context) : null
  if (plan.changes.length === 0) {
    await demand?.(snapshot)
    const last = readApplied(topology.name)
    const entry = recordAt(snapshot)
    if (last?.sha256 !== entry.sha256 || last.directory !== entry.directory) writeApplied(entry)
    settleClaims(topology.name, snapshot)
    removeJournal(topology.name)
    return plan
  }
  if (options.rehearse) await rehearse({ topology, plan, snapshot, iptables: options.iptables }, context)
  await consent(plan, losesSomething(plan), options, context)
  const before = observedState(snapshot, topology.name)
  const { iptables, reader, rollback, confirm = null } = options
  const record = async (now: Snapshot, journal: Journal) => {
    await demand?.(now)
    const entry = recordAt(now)
    if (confirm !== null) return waitForConfirmation(journal, confirm, entry)
    writeApplied(entry)
    return `${topology.name} is applied; a second plan is empty.\n`
  }
  const work = { plan, snapshot, before, read, again: planFor, iptables, reader, confirm, rollback, record }
  context.write(await converge(work, context))
  return plan
}

/** An apply that only creates or updates goes ahead without asking. */
function losesSomething({ summary }: Plan): boolean {
  return summary.replace + summary.delete > 0
}

const HISTORY = 20

interface Work extends Declared {
  plan: Plan
}

function settledIn({ topology, unasked }: Declared, snapshot: Snapshot): Topology {
  return unasked ? unasked.settled(topology, snapshot) : topology
}

function recordOf(work: Work, snapshot: Snapshot, ms: number): Applied {
  const { topology, file, text, plan, unasked, origin } = work
  const { directory, commit } = origin ?? {}
  const hash = sha256(text)
  const appliedAt = new Date().toISOString()
  const entry: HistoryEntry = {
    appliedAt,
    sha256: hash,
    summary: plan.summary,
    ms: Math.round(ms),
    changed: plan.changes.slice(0, TOLD).map(({ action, id }) => ({ action, id })),
    ...(unasked ? { by: 'watch' } : {}),
    ...(commit === undefined ? {} : { commit }),
  }
  return {
    topology: topology.name,
    file,
    ...(directory === undefined ? {} : { directory }),
    sha256: hash,
    appliedAt,
    desired: [...wantedOn(snapshot, settledIn(work, snapshot)).desired.values()],
    expects: topology.expects.map(expectationKey),
    history: [entry, ...(readApplied(topology.name)?.history ?? [])].slice(0, HISTORY),
  }
}

/** What a line of history has room for; the summary counts all. */
const TOLD = 5

/** The time to confirm counts from when all is applied: the journal on disk is given that deadline. */
function waitForConfirmation(journal: Journal, seconds: number, applied: Applied): string {
  const waiting = { ...confirmationIn(seconds), applied }
  writeJournal({ ...journal, confirm: waiting })
  const { topology } = journal
  return (
    `${topology} is applied; a second plan is empty. To keep it: nsctl confirm ${topology}\n` +
    `Otherwise it is taken back in ${seconds} s, at ${waiting.until}; or now, with nsctl rollback ${topology}\n`
  )
}
