import type { Detach, Hold } from '../kernel/long-lived.ts'
import type { Run } from '../kernel/run.ts'
import type { Variant } from '../model/snapshot.ts'
import type { EngineEvent } from './events.ts'

/** Which tools the engine reads the host with. */
export interface ReaderChoice {
  /** The iptables variant that rules are written in; `auto`: the one that `iptables` resolves to. */
  iptables: 'auto' | Variant
  /** What reads networks and configures namespaces; `auto`: netlink where it is available and pays. */
  reader: 'auto' | 'ip' | 'netlink'
}

/** How the engine reaches the host. Everything it does to the world outside of its own records goes through this. */
export interface HostAccess extends ReaderChoice {
  run: Run
  hold: Hold
  detach: Detach
  /** Environment variables that topology files may refer to. */
  environment: Record<string, string | undefined>
  /** This process, for the journal. */
  pid: number
  /** The command line that starts this nsctl: node, its options, the script. */
  self: string[]
  /** Called with everything that happens on the way to an outcome. It must not throw. */
  notify(event: EngineEvent): void
}
