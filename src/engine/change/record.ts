import { type Applied, readApplied } from '../../kernel/records/records.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { Plan } from '../../model/plan/plan.ts'
import type { HistoryEntry } from '../../model/plan/status.ts'
import { expectationKey } from '../../model/plan/verification.ts'
import type { Topology } from '../../model/topology.ts'
import { desiredOn } from '../../planner/desired.ts'

/** Where a topology's text comes from. */
export interface Origin {
  /** Absolute path of the directory that it was applied as a part of. */
  directory?: string
  /** The commit of the config repository. */
  commit?: string
  /** Set where a watcher applies it. */
  by?: 'watch'
}

interface Done {
  plan: Plan
  origin: Origin
  /** How long it took, in milliseconds. */
  ms: number
}

const HISTORY = 20
/** As many changes as a line of history has room for; the summary counts all. */
const SHOWN = 5

/** The record of an apply, with those before it as its history. */
export function recordOf(topology: Topology, { plan, origin, ms }: Done, snapshot: Snapshot): Applied {
  const { directory, commit, by } = origin
  const { name, file, sha256 } = topology
  const appliedAt = new Date().toISOString()
  const { resolved, desired } = desiredOn(snapshot, topology)
  const entry: HistoryEntry = {
    appliedAt,
    sha256,
    summary: plan.summary,
    ms: Math.round(ms),
    changed: plan.changes.slice(0, SHOWN).map(({ action, id }) => ({ action, id })),
    ...(by === undefined ? {} : { by }),
    ...(commit === undefined ? {} : { commit }),
  }
  return {
    topology: name,
    file,
    ...(directory === undefined ? {} : { directory }),
    sha256,
    appliedAt,
    desired: [...desired.values()],
    uplinks: resolved.uplinks,
    expects: topology.expects.map(expectationKey),
    history: [entry, ...(readApplied(name)?.history ?? [])].slice(0, HISTORY),
  }
}
