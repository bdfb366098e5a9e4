import type { Plan } from '../model/plan.ts'

/** Why an apply, a destroy or a rollback did not come to its end. `message` is one line for people. */
export type Failure =
  /** The kernel or a tool refused a command. `change`: the id of the change it was for, null where that is unknown. */
  | { kind: 'step'; change: string | null; message: string }
  /** Every command succeeded, but the host is not as planned; `left` is what a second plan would still do. */
  | { kind: 'unverified'; left: Plan; message: string }
  /** Expectations of the file that held before, or are new, do not hold now. */
  | { kind: 'expectations'; broken: string[]; message: string }
  | { kind: 'interrupted'; signal: NodeJS.Signals; message: string }
  | { kind: 'error'; message: string }
