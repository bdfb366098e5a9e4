/** `stale`: the newest text is missing or wrong, the last good one is kept; `blocked`: the host, or a guard, refuses it. */
export type WatchedState =
  | 'converged'
  | 'drifted'
  | 'suspended'
  | 'pending'
  | 'blocked'
  | 'failing'
  | 'fighting'
  | 'stale'

/** How a watched topology is doing, as /run/nsctl/watch has it. */
export interface WatchRecord {
  topology: string
  pid: number
  /** When that process started, in clock ticks since boot: pids are used again. */
  startTicks: string
  /** The file, directory or repository it follows. */
  source: string
  /** The commit in force, or null. */
  commit: string | null
  state: WatchedState
  problems: string[]
  /** ISO 8601. */
  since: string
  checkedAt: string
  /** Repairs that changed something, since the watcher was started. */
  repairs: number
  fights: { id: string; times: number; author: string | null }[]
}

/** Repairs are suspended: by whom and since when is for people. */
export interface Suspension {
  /** ISO 8601. */
  since: string
  by: string
}

/** Null where nothing is suspended. */
export interface Suspensions {
  everything: Suspension | null
  topologies: Record<string, Suspension>
}
