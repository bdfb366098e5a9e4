/**
 * nsctl as a library. Every function takes and returns plain data; outcomes are values. Nothing is printed: `onProgress`
 * is called with what happens.
 */

export { type ApplyOptions, apply } from './engine/change/apply.ts'
export { applyDirectory } from './engine/change/apply-directory.ts'
export { type DestroyOptions, destroy, destroyAll } from './engine/change/destroy.ts'
export { confirm, type PendingOptions, rollback } from './engine/change/pending.ts'
export { plan, planDestroy } from './engine/change/plan.ts'
export type { HostAccess, HostOptions } from './engine/host/access.ts'
export { InvalidName, InvalidPlan, InvalidSnapshot, UnusableFile } from './engine/host/errors.ts'
export type { EngineEvent } from './engine/host/events.ts'
export { type Loaded, type LoadOptions, loadTopology } from './engine/host/load.ts'
export { type ReadOptions, readHost } from './engine/host/read-host.ts'
export { doctor, type Examination } from './engine/inspect/doctor.ts'
export { graph, liveGraph } from './engine/inspect/graph.ts'
export { type ImportOutcome, importHost } from './engine/inspect/import.ts'
export { type Listed, list } from './engine/inspect/list.ts'
export { type PinOutcome, pin } from './engine/inspect/pin.ts'
export { takeSnapshot } from './engine/inspect/snapshot.ts'
export { type StatusOutcome, status } from './engine/inspect/status.ts'
export { type Explanation, explain, type FlowQuestion } from './engine/packets/explain.ts'
export { verify } from './engine/packets/verify.ts'
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
