import type { WatchedSetting } from '../../kernel/events/polling.ts'
import { readSuspensions } from '../../kernel/records/watch-records.ts'
import { observedState } from '../../kinds/all.ts'
import { sysctl } from '../../kinds/settings/sysctl.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import { type Change, type Plan, refuses } from '../../model/plan/plan.ts'
import type { State } from '../../model/plan/resource.ts'
import type { Topology } from '../../model/topology.ts'
import { defaultUplinks } from '../../planner/default-uplinks.ts'
import { withUplinksOf } from '../../planner/last-uplinks.ts'
import { planDestroy, planTopology } from '../../planner/plan.ts'
import { resolveTopology } from '../../planner/resolve.ts'
import { rootsOf } from '../../planner/roots.ts'
import { markOfChange } from '../../watch/conflicting-changes.ts'
import type { Observation } from '../../watch/machine.ts'
import type { Tracked, Version } from '../../watch/tracked.ts'
import { objectionTo } from '../../watch/unattended.ts'
import type { HostAccess } from '../host/access.ts'
import { readFor } from '../host/read-host.ts'
import { isInterrupted, obstacleIn, readTopologyRecords, type TopologyRecords } from './records.ts'

export interface HostObservation {
  topologies: TopologyObservation[]
  snapshot: Snapshot
  /** What `default` stands for now, or stood for last. */
  uplinks: string[]
}

/** What was observed of a topology, with what a repair needs. */
export interface TopologyObservation {
  observation: Observation
  /** The version to apply; null: the topology is to be destroyed, or nothing but its name is known. */
  version: Version | null
  changes: Change[]
  observed: State
  /** Whether the changes undo what was done from outside: this very text was applied already. */
  isDrift: boolean
  /** Settings that have to be polled. */
  settings: WatchedSetting[]
}

/** What is known from before. */
export interface Known {
  tracked: ReadonlyMap<string, Tracked>
  /** Versions (by SHA-256 of their text) that failed and are not to be tried now, by topology. */
  failing: ReadonlyMap<string, string>
  /** What `default` stood for last. */
  uplinks: string[]
  /** Whether texts are known to be whole. */
  isWhole: boolean
}

/** Reads the host once and plans for every watched topology. Changes nothing, takes no lock. */
export async function observe(known: Known, access: HostAccess): Promise<HostObservation> {
  const topologies = [...known.tracked.values()].flatMap(versionsOf)
  const snapshot = await readFor({ name: null, topologies }, access)
  const suspensions = readSuspensions()
  return observationOf(snapshot, known, name => readTopologyRecords(name, suspensions, access.pid))
}

function versionsOf({ newest, lastGood }: Tracked): Topology[] {
  const versions = new Set([newest, lastGood])
  return [...versions].flatMap(version => (version ? [version.topology] : []))
}

/** The same for a host that was read already. */
export function observationOf(
  snapshot: Snapshot,
  known: Known,
  recordsOf: (name: string) => TopologyRecords,
): HostObservation {
  const present = defaultUplinks(snapshot, null)
  const host = { ...known, snapshot, uplinks: present.length > 0 ? present : known.uplinks }
  const topologies = [...known.tracked].map(([name, tracked]) => {
    const records = recordsOf(name)
    if (tracked.removed) return observeRemoved(name, records, host)
    if (tracked.newest === null) return observeUnknown(name, records, host)
    return observeDeclared(name, { newest: tracked.newest, lastGood: tracked.lastGood }, records, host)
  })
  return { topologies, snapshot, uplinks: host.uplinks }
}

interface Host extends Known {
  snapshot: Snapshot
}

/** It has no file any more, and is to be destroyed. */
function observeRemoved(name: string, records: TopologyRecords, { snapshot }: Host): TopologyObservation {
  const plan = planDestroy(name, snapshot)
  return {
    observation: {
      name,
      version: 'removed',
      fallback: false,
      drift: driftIn(plan.changes, records),
      obstacle: obstacleIn(records),
      blocked: conflictIn(plan),
    },
    version: null,
    changes: plan.changes,
    observed: observedState(snapshot, name),
    isDrift: false,
    settings: [],
  }
}

/** Records name it, and no valid file has declared it since the watcher was started. */
function observeUnknown(name: string, records: TopologyRecords, { snapshot }: Host): TopologyObservation {
  return {
    observation: {
      name,
      version: 'unknown',
      fallback: false,
      drift: [],
      obstacle: obstacleIn(records),
      blocked: null,
    },
    version: null,
    changes: [],
    observed: observedState(snapshot, name),
    isDrift: false,
    settings: [],
  }
}

/** While the newest version is refused or fails, the last one that worked is kept in force. */
function observeDeclared(
  name: string,
  { newest, lastGood }: { newest: Version; lastGood: Version | null },
  records: TopologyRecords,
  host: Host,
): TopologyObservation {
  const planNewest = planFor(newest, host)
  const blocked = conflictIn(planNewest) ?? objectionToPlan(planNewest, newest, host)
  const fails = blocked !== null || host.failing.get(name) === newest.sha256
  const earlier = fails && lastGood !== null && lastGood.sha256 !== newest.sha256 ? lastGood : null
  const planEarlier = earlier && planFor(earlier, host)
  // What stands in the way of both is waited out.
  const fallback = planEarlier !== null && conflictIn(planEarlier) === null
  const version = fallback && earlier ? earlier : newest
  const { changes } = fallback ? planEarlier : planNewest
  return {
    observation: {
      name,
      version: newest.sha256,
      fallback,
      drift: driftIn(changes, records),
      obstacle: obstacleIn(records),
      blocked,
    },
    version,
    changes,
    observed: observedState(host.snapshot, name),
    isDrift: records.appliedText === version.sha256,
    settings: settingsOf(version, host),
  }
}

function planFor({ topology }: Version, { uplinks, snapshot }: Host): Plan {
  return planTopology(withUplinksOf(uplinks, topology, snapshot), snapshot)
}

function settingsOf({ topology }: Version, { uplinks, snapshot }: Host): WatchedSetting[] {
  const resolved = resolveTopology(withUplinksOf(uplinks, topology, snapshot), snapshot)
  return sysctl
    .desired(resolved, snapshot)
    .map(({ scope, attributes: { key } }) => ({ namespace: scope, key }))
}

/** Marks of the changes that are needed, and of a journal that has to be settled. */
function driftIn(changes: Change[], records: TopologyRecords): string[] {
  const marks = rootsOf(changes).map(markOfChange)
  return isInterrupted(records) ? [...marks, 'journal#'] : marks
}

function conflictIn({ findings }: Plan): string | null {
  const [first, ...more] = findings.filter(refuses)
  if (!first) return null
  const rest = more.length > 0 ? ` (and ${more.length} more)` : ''
  return `the host stands in the way: ${first.summary}${rest}`
}

/** Why a version's plan is not applied without a person having seen it, or null. */
export function objectionToPlan(
  plan: Plan,
  { topology, text }: Version,
  { snapshot, isWhole }: Pick<Host, 'snapshot' | 'isWhole'>,
): string | null {
  const observed = observedState(snapshot, plan.topology)
  const objection = objectionTo({ plan, observed, accept: topology.accept, text: isWhole ? null : text })
  return objection && `${objection.code}: ${objection.message}`
}
