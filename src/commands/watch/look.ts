import type { WatchedSetting } from '../../kernel/patrol.ts'
import { readApplied, readJournal } from '../../kernel/records.ts'
import { isAlive, readSuspensions, readWatch } from '../../kernel/watch-records.ts'
import { observedState } from '../../kinds/all.ts'
import { sysctl } from '../../kinds/sysctl.ts'
import { type Change, type Plan, refuses } from '../../model/plan.ts'
import type { State } from '../../model/resource.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import type { Suspensions } from '../../model/watch.ts'
import { withUplinksOf } from '../../planner/last-uplinks.ts'
import { planDestroy, planTopology } from '../../planner/plan.ts'
import { defaultUplinks, resolveTopology } from '../../planner/resolve.ts'
import { rootsOf } from '../../planner/roots.ts'
import { markOfChange } from '../../watch/fights.ts'
import { objectionTo } from '../../watch/guard.ts'
import type { Look, Obstacle } from '../../watch/machine.ts'
import type { Tracked, Version } from '../../watch/source.ts'
import { type Context, type HostOptions, Refused } from '../context.ts'
import { readLiveFor } from '../live.ts'

/** What the look found, with what a repair needs to know. */
export interface Seen {
  look: Look
  /** What to converge to; null: the topology is to go, or nothing is known of it but its name. */
  version: Version | null
  changes: Change[]
  observed: State
  /** Whether the changes undo what somebody else did: this very text was in force already. */
  isDrift: boolean
  /** What the kernel tells nobody of when it changes. */
  settings: WatchedSetting[]
}

/** What is kept of earlier looks. */
export interface Memory {
  /** This process. */
  pid: number
  /** What the word `default` last stood for. */
  uplinks: string[]
  /** Whether a text's end is to be trusted. */
  whole: boolean
}

export interface Glance {
  seen: Seen[]
  snapshot: Snapshot
}

/** Reads the live host once and plans for every topology that is watched. Changes nothing, takes no lock. */
export async function lookAt(
  topologies: ReadonlyMap<string, Tracked>,
  failing: ReadonlyMap<string, string>,
  memory: Memory,
  options: HostOptions,
  context: Context,
): Promise<Glance> {
  const wanted = [...topologies.values()].flatMap(({ wanted, good }) => [
    ...(wanted ? [wanted.topology] : []),
    ...(good && good !== wanted ? [good.topology] : []),
  ])
  const snapshot = await readLiveFor(context, options, wanted)
  const live = defaultUplinks(snapshot)
  if (live.length > 0) memory.uplinks = live
  const suspensions = readSuspensions()
  const seen = [...topologies].map(([name, tracked]) =>
    see(name, tracked, failing.get(name), { snapshot, memory, suspensions }),
  )
  return { seen, snapshot }
}

interface Surroundings {
  snapshot: Snapshot
  memory: Memory
  suspensions: Suspensions
}

function see(name: string, tracked: Tracked, failing: string | undefined, around: Surroundings): Seen {
  const { snapshot, memory } = around
  const observed = observedState(snapshot, name)
  const { wanted, good, removed } = tracked
  const base = { observed, version: null, changes: [], isDrift: false, settings: [] }
  const obstacle = hindrance(name, around)
  if (removed) {
    const plan = planDestroy(name, snapshot)
    const look = { fallback: false, drift: driftIn(plan), obstacle, blocked: refusal(plan) }
    return { ...base, changes: plan.changes, look: { name, version: 'removed', ...look } }
  }
  if (wanted === null) {
    const look = { fallback: false, drift: [], obstacle, blocked: null }
    return { ...base, look: { name, version: 'unknown', ...look } }
  }
  const version = wanted.sha256
  const plan = planTopology(withUplinksOf(memory.uplinks, wanted.topology, snapshot), snapshot)
  const blocked = refusal(plan) ?? objection(plan, observed, wanted, memory)
  // What worked before is looked after while the newest does not.
  const fallback = good !== null && good.sha256 !== version && (blocked !== null || failing === version)
  const chosen = fallback ? good : wanted
  const { changes } = fallback
    ? planTopology(withUplinksOf(memory.uplinks, good.topology, snapshot), snapshot)
    : plan
  const look = { name, version, fallback, drift: driftIn({ topology: name, changes }), obstacle, blocked }
  return { ...base, version: chosen, changes, look, ...about(chosen, around) }
}

function about({ topology, sha256 }: Version, { snapshot, memory }: Surroundings) {
  const resolved = resolveTopology(withUplinksOf(memory.uplinks, topology, snapshot), snapshot)
  const settings = sysctl
    .desired(resolved, snapshot)
    .map(({ scope, attributes: { key } }) => ({ namespace: scope, key }))
  return { settings, isDrift: readApplied(topology.name)?.sha256 === sha256 }
}

/** A plan that is empty leaves an interrupted apply's journal: that is drift as well. */
function driftIn({ topology, changes }: Pick<Plan, 'topology' | 'changes'>): string[] {
  const ids = rootsOf(changes).map(markOfChange)
  const journal = readJournal(topology)
  return journal !== null && !journal.confirm?.applied ? [...ids, INTERRUPTED] : ids
}

const INTERRUPTED = 'journal#'

/** What people have said, or still have to say. */
export function hindrance(
  name: string,
  { suspensions, memory }: Pick<Surroundings, 'suspensions' | 'memory'>,
): Obstacle | null {
  const other = readWatch(name)
  if (other && other.pid !== memory.pid && isAlive(other))
    return { state: 'suspended', message: `another nsctl watches it: pid ${other.pid}, from ${other.source}` }
  const suspension = suspensions.everything ?? suspensions.topologies[name]
  if (suspension)
    return {
      state: 'suspended',
      message: `repairs are suspended since ${suspension.since} by ${suspension.by}`,
    }
  const waiting = readJournal(name)?.confirm
  return waiting?.applied
    ? { state: 'pending', message: `an apply waits for confirmation until ${waiting.until}` }
    : null
}

function refusal({ findings }: Plan): string | null {
  const [first, ...more] = findings.filter(refuses)
  if (!first) return null
  const rest = more.length > 0 ? ` (and ${more.length} more)` : ''
  return `the host stands in the way: ${first.summary}${rest}`
}

function objection(plan: Plan, observed: State, version: Version, { whole }: Memory): string | null {
  const { accept } = version.topology
  const found = objectionTo({ plan, observed, accept, text: whole ? null : version.text })
  return found && `${found.code}: ${found.message}`
}

/** Throws Refused for what nobody has looked at and should. */
export function judge(plan: Plan, snapshot: Snapshot, version: Version, memory: Memory): void {
  const found = objection(plan, observedState(snapshot, plan.topology), version, memory)
  if (found !== null) throw new Refused(`${plan.topology}: ${found}`)
}
