import type { Plan } from './plan.ts'
import type { Declaration, HostChange } from './saved-plan.ts'

/** Why an apply, a destroy or a rollback did not come to its end. `message` is for people. */
export type Failure =
  /** The kernel or a tool refused a command. `change`: the id of the change it was for, null where that is unknown. */
  | { kind: 'step'; change: string | null; message: string }
  /** Every command succeeded, but the host is not as planned; `left` is what a second plan would still do. */
  | { kind: 'unverified'; left: Plan; message: string }
  /** Expectations of the file that held before, or are new, do not hold now. */
  | { kind: 'expectations'; broken: string[]; message: string }
  /** The signal of `options` was aborted; `signal`: the name that it was aborted with. */
  | { kind: 'interrupted'; signal: string; message: string }
  | { kind: 'error'; message: string }

/** The changes that are still missing from the state that was aimed at, or why they cannot be known. */
export type Leftover = { kind: 'plan'; plan: Plan } | { kind: 'unknown'; why: string }

interface Planned {
  topology: string
  plan: Plan
}

/** Another nsctl is changing the host. `holder`: its pid and command line. */
export interface LockedOut {
  kind: 'locked'
  holder: string
}

/** Nothing was changed, and why. */
export type Refusal =
  | LockedOut
  /** Something on the host conflicts with the plan: its findings of severity `error` say what. */
  | ({ kind: 'conflict' } & Planned)
  /** `approve` answered no. */
  | ({ kind: 'declined' } & Planned)
  /** An apply of this topology waits for confirmation until then (ISO 8601). `overdue`: its rollback is late. */
  | { kind: 'pending'; topology: string; until: string; overdue: boolean }
  /** The saved plan no longer fits the host; `moves` are the differences. */
  | ({ kind: 'outdated'; moves: HostChange[]; declaration: Declaration } & Planned)
  /** Nothing had to be changed, but expectations of the file do not hold. */
  | ({ kind: 'unexpected'; broken: string[] } & Planned)
  | ({ kind: 'rehearsalFailed'; failures: RehearsalFailure[] } & Planned)

export interface RehearsalFailure {
  /** Id of the change that failed; null where that is unknown. */
  change: string | null
  why: string
}

/** A plan that was begun and did not come to its end. */
export type Failed =
  /** The host is as it was before. */
  | ({ kind: 'rolledBack'; failure: Failure } & Planned)
  /** The rollback failed as well; `left` is what it could not do. */
  | ({ kind: 'incomplete'; failure: Failure; left: Leftover } & Planned)
  /** Nothing was rolled back, as asked for; `left` is what is missing from the plan. */
  | ({ kind: 'partial'; failure: Failure; left: Leftover } & Planned)

/** When an apply is rolled back unless it is confirmed before. */
export interface Deadline {
  /** From the end of the apply. */
  seconds: number
  /** ISO 8601. */
  until: string
}

export type ApplyOutcome =
  /** Verified: the host was read back, and a second plan is empty. */
  | ({ kind: 'applied'; confirmation: Deadline | null } & Planned)
  /** There was nothing to change. */
  | ({ kind: 'unchanged' } & Planned)
  | Refusal
  | Failed

export type DestroyOutcome =
  /** Verified: the host was read back, and nothing that the topology owned is left. */
  | ({ kind: 'destroyed' } & Planned)
  /** Nothing of the topology is on this host; `present` are the topologies that are. */
  | { kind: 'absent'; topology: string; present: string[] }
  | Refusal
  | Failed

export type ConfirmOutcome =
  | { kind: 'confirmed'; topology: string }
  /** Its apply was cut off before its end: it can only be rolled back. */
  | { kind: 'unfinished'; topology: string }
  | Unchosen
  | LockedOut

export type RollbackOutcome =
  | { kind: 'rolledBack'; topology: string }
  | { kind: 'incomplete'; topology: string; left: Leftover }
  | Unchosen
  | LockedOut

/** No apply that the caller can have meant, or several. `topology`: the name that was given, if any. */
export type Unchosen =
  | { kind: 'nonePending'; topology: string | null }
  | { kind: 'severalPending'; topologies: string[] }
