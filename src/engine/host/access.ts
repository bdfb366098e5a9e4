import { join } from 'node:path'
import { createHolder, type Detach, detach, type Hold } from '../../kernel/process/long-lived.ts'
import { createRunner, type Run, SILENT } from '../../kernel/process/run.ts'
import type { Variant } from '../../model/host/snapshot.ts'
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
  /** Runs a command to its end. */
  run: Run
  /** Starts a command that holds something, a lock, as long as it runs. */
  hold: Hold
  /** Starts a process that outlives this one. */
  detach: Detach
  /** Environment variables that topology files may refer to. */
  environment: Record<string, string | undefined>
  /** This process, for the journal. */
  pid: number
  /** The command line that starts `nsctl`, for the processes of its own that the engine needs. */
  self: string[]
  /** Called with everything that happens on the way to an outcome. It must not throw. */
  onProgress(event: EngineEvent): void
}

/** Options of every function that reads or changes the host. What is absent is this machine and the defaults. */
export type HostOptions = Partial<HostAccess>

export function completeAccess(options: HostOptions): HostAccess {
  return {
    iptables: options.iptables ?? 'auto',
    reader: options.reader ?? 'auto',
    run: options.run ?? createRunner(SILENT),
    hold: options.hold ?? createHolder(),
    detach: options.detach ?? detach,
    environment: options.environment ?? process.env,
    pid: options.pid ?? process.pid,
    // The program lies beside the library.
    self: options.self ?? [process.execPath, join(import.meta.dirname, 'nsctl.cjs')],
    onProgress: options.onProgress ?? (() => {}),
  }
}
