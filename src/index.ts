/**
 * nsctl as a library. Every function takes and returns plain data; outcomes are values. Nothing is printed: `onProgress`
 * is called with what happens.
 */

export { type ApplyOptions, apply } from './engine/change/apply.ts'
export { type DestroyOptions, destroy } from './engine/change/destroy.ts'
export { confirm, type PendingOptions, rollback } from './engine/change/pending.ts'
export { plan, planDestroy } from './engine/change/plan.ts'
export type { HostAccess, HostOptions } from './engine/host/access.ts'
export { InvalidName, InvalidPlan, InvalidSnapshot, UnusableFile } from './engine/host/errors.ts'
export type { EngineEvent } from './engine/host/events.ts'
export { type Loaded, type LoadOptions, loadTopology } from './engine/host/load.ts'
export { type ReadOptions, readHost } from './engine/host/read-host.ts'
export { NotPermitted } from './kernel/process/privilege.ts'
export { CommandFailed } from './kernel/process/run.ts'
export { MissingTool } from './kernel/process/tools.ts'
export type { Diagnostic } from './model/diagnostic.ts'
export type { Snapshot } from './model/host/snapshot.ts'
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
} from './model/plan/outcome.ts'
export type { Change, Finding, Plan, Step, Summary } from './model/plan/plan.ts'
export type { Topology } from './model/topology.ts'
