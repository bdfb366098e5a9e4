import type { Failure, RehearsalFailure } from '../../model/plan/outcome.ts'
import type { Plan, Step } from '../../model/plan/plan.ts'
import type { ExpectationResult } from '../../model/plan/verification.ts'

/** What happens on the way to an outcome; plain data. */
export type EngineEvent =
  /** The host is being read; `read` follows, whether that succeeds or not. */
  | { kind: 'reading' }
  | { kind: 'read' }
  /** A plan that nothing refuses, before anybody is asked for approval. */
  | { kind: 'planned'; plan: Plan }
  /** The plan was applied in a copy of the host; `missing`: objects of the host that the copy lacks. */
  | { kind: 'rehearsed'; topology: string; failures: RehearsalFailure[]; missing: string[] }
  /** From here to `finished` the host changes, and an abort of the signal rolls back. */
  | { kind: 'started'; topology: string }
  /** Before each step: how many are done, how many there are, and which comes now. */
  | { kind: 'step'; done: number; total: number; step: Step }
  /** The file's expectations, checked after an apply. */
  | { kind: 'expectations'; results: ExpectationResult[] }
  /** A step, the verification or an expectation failed. */
  | { kind: 'failed'; failure: Failure }
  | { kind: 'rollingBack'; topology: string }
  /** The host is as it was before, but nsctl's records of it could not be restored. */
  | { kind: 'recordsNotRestored'; topology: string; why: string }
  | { kind: 'finished'; topology: string }
