import type { Sync } from '../plan/status.ts'
import type { AuthorHints } from './author-hints.ts'
import type { Snapshot } from './snapshot.ts'

/** What nsctl looks at to say what on a host will get in the way. Null stands for what could not be seen. */
export interface DoctorFacts {
  snapshot: Snapshot | null
  /** Whether everything could be seen, if nothing else stood in the way. */
  privileged: boolean
  /** Why there is no snapshot. */
  blind: string | null
  tools: Tool[]
  features: Features | null
  conntrack: { count: number; max: number } | null
  evidence: AuthorHints
  /** How each topology stands that has left a mark or a record. */
  topologies: { name: string; sync: Sync; staleClaims: string[] }[]
  /** What of native nftables stops ports that topologies publish. */
  stopped: StoppedPort[]
  /** Half-written files of somebody who was killed. */
  temporaries: string[]
  /** Whether ufw is switched on: it is no process. */
  ufw: boolean
  /** Interfaces that NetworkManager says it manages. */
  managed: string[]
  /** Files of systemd-networkd that match, with the interface name or `type` they match by. */
  networkFiles: { path: string; matches: string[] }[]
}

interface StoppedPort {
  /** `tcp outside -> host:6000`. */
  flow: string
  /** The chain that stops it: `inet/filter/forward`. */
  subject: string
  /** Rule or policy, with its comment. */
  by: string
  remedy: string
}

export interface Tool {
  name: string
  /** The Debian package that brings it. */
  package: string
  path: string | null
  /** As the tool says it; null where it was not asked. */
  version: string | null
}

/** What a throw-away network namespace was found to be able to do; by name, with the reason where it was not. */
export interface Features {
  /** Null where even that could not be made. */
  namespace: string | null
  missing: { name: string; why: string }[]
  present: string[]
}
