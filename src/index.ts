/**
 * nsctl as a library. Every function takes and returns plain data; outcomes are values. Nothing is printed: `onProgress`
 * is called with what happens.
 */
export type { HostAccess, HostOptions } from './engine/access.ts'
export { type ApplyOptions, apply } from './engine/apply.ts'
export { type DestroyOptions, destroy } from './engine/destroy.ts'
export { InvalidName, InvalidPlan, InvalidSnapshot, UnusableFile } from './engine/errors.ts'
export type { EngineEvent } from './engine/events.ts'
export { type Loaded, type LoadOptions, loadTopology } from './engine/load.ts'
export { confirm, type PendingOptions, rollback } from './engine/pending.ts'
export { type ReadOptions, readHost } from './engine/read-host.ts'
export type { Diagnostic } from './model/diagnostic.ts'
export type {
  ApplyOutcome,
  ConfirmOutcome,
  Deadline,
  DestroyOutcome,
  Failed,
  Failure,
  Leftover,
  Refusal,
  RollbackOutcome,
} from './model/outcome.ts'
export type { Change, Finding, Plan, Step, Summary } from './model/plan.ts'
export type { Snapshot } from './model/snapshot.ts'
export type { Topology } from './model/topology.ts'
export { planDestroy, planTopology as plan } from './planner/plan.ts'
