import type { UnreadableTable } from '../host/snapshot.ts'
import type { Change, Summary } from './plan.ts'
import type { Resource } from './resource.ts'
import type { Suspension, WatchRecord } from './watch.ts'

/** One apply, as history tells it. */
export interface HistoryEntry {
  /** ISO 8601. */
  appliedAt: string
  sha256: string
  summary: Summary
  /** How long it took, in milliseconds. */
  ms: number
  /** Of the config repository, where it came from one. */
  commit?: string
  /** Set where it was no person. */
  by?: 'watch'
  /** What changed: the first few. */
  changed?: Pick<Change, 'action' | 'id'>[]
  /** Set where it was not confirmed in time, or taken back by hand. */
  rolledBackAt?: string
}

/** How a topology stands against what was last applied of it. */
export interface Sync {
  /** `unknown` where no record of that is left; `unreadable` where a table with its rules cannot be read. */
  state: 'in-sync' | 'drifted' | 'unreadable' | 'unconfirmed' | 'applying' | 'interrupted' | 'unknown'
  /** Until when an apply can be confirmed, or null where none waits. */
  confirmUntil: string | null
  /** What would mend the drift, as far as it can be read. */
  drift: Change[]
  /** The tables that cannot be read. */
  unreadable: UnreadableTable[]
  applied: {
    file: string
    sha256: string
    appliedAt: string
    history: HistoryEntry[]
    desired: Resource[]
    uplinks?: string[]
  } | null
}

/** A port that a topology publishes, as its live rules have it, or as it was applied where those are gone. */
export interface PublishedPort {
  protocol: string
  /** Bare address, or null for every local one of the family. */
  listen: string | null
  family: 'ipv4' | 'ipv6'
  first: number
  last: number
  target: { namespace: string | null; address: string; port: number }
  /** Who listens at the target; for a range, at its first port. Null: nobody. */
  listener: string | null
  /** Set where its rule, or one that leads there, is gone: it was applied, and nothing gets through. */
  missing?: true
}

/** An interface that a topology leads outside through. */
export interface UplinkState {
  name: string
  state: 'up' | 'down' | 'missing'
}

/** Who keeps a topology as it is declared. */
interface Watcher extends WatchRecord {
  /** False where the process that wrote the record has ended without a word. */
  alive: boolean
}

/** What there is of a topology on the host. */
export interface Status {
  topology: string
  sync: Sync
  /** Who has likely brought drift about, by the id of the change. */
  authors: Record<string, string>
  /** Null where nobody watches it. */
  watcher: Watcher | null
  /** Null unless repairs are suspended. */
  suspended: Suspension | null
  /** Its namespaces, the host last. */
  places: {
    name: string
    processes: { pid: number; command: string }[]
    links: {
      name: string
      state: 'up' | 'down'
      mtu: number
      peer: string | null
      master: string | null
      /** Bits per second. */
      rate: number | null
      addresses: string[]
    }[]
  }[]
  published: PublishedPort[]
  /** As it was applied. */
  uplinks: UplinkState[]
}

/** Whether something that was applied is not there, so that packets do not get through. */
export function isLacking({ published, uplinks }: Status): boolean {
  return published.some(({ missing }) => missing) || uplinks.some(({ state }) => state === 'missing')
}
