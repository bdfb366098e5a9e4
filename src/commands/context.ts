import type { Colors } from 'picocolors/types'
import type { Foreground } from '../kernel/process/foreground.ts'
import type { Detach, Follow, Hold } from '../kernel/process/long-lived.ts'
import type { Log, Run } from '../kernel/process/run.ts'
import type { Progress } from '../kernel/write/apply.ts'

/** What a command may do to the world outside the kernel; main makes it. */
export interface Context {
  run: Run
  hold: Hold
  foreground: Foreground
  detach: Detach
  follow: Follow
  logger: Log
  environment: Record<string, string | undefined>
  /** This process, for the journal. */
  pid: number
  /** What starts this very nsctl: node, its options, the script. */
  self: string[]
  /** Results, to stdout. */
  write(text: string): void
  /** Errors and notes, to stderr. */
  say(text: string): void
  progress: Progress
  /** Says what is waited for, if it takes long, until the returned function is called. */
  waiting(what: string): () => void
  colors: Colors
  errorColors: Colors
  /** Asks on the terminal, and throws once `limit` is aborted; null where there is none to ask on. */
  ask: ((question: string, limit?: AbortSignal) => Promise<boolean>) | null
  /**
   * From now until `stop`, INT, TERM, HUP and a closed output abort the signal, with the name as reason, instead of
   * ending nsctl; a second one ends it at once. `announce` tells of the first, where that is not for a person to read.
   */
  catchSignals(announce?: (signal: NodeJS.Signals) => void): { signal: AbortSignal; stop(): void }
}

/** Options that every command takes that reads the live host. */
export interface ReaderOptions {
  iptables: 'auto' | 'nft' | 'legacy'
  /** What networks are read with, and namespaces configured. */
  reader: 'auto' | 'ip' | 'netlink'
}

/** Options of the commands that change it. */
export interface ChangeOptions extends ReaderOptions {
  yes: boolean
  /** Seconds. */
  lockTimeout: number
}

export interface ApplyCommandOptions extends ChangeOptions {
  /** Findings that are known and wanted, as `code:subject`. */
  accept: string[]
  /** Seconds within which it has to be confirmed, or it is taken back. */
  confirm?: number
  /** Whether what fails is taken back. */
  rollback: boolean
  /** Whether it has to succeed in a copy first. */
  rehearse: boolean
  /** Whether it is taken back when it breaks what the file expects. */
  verify: boolean
}

/** A refusal that is no defect: said as it is, exit code 1 unless it says otherwise. */
export class Refused extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.name = 'Refused'
    this.exitCode = exitCode
  }
}
