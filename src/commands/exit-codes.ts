import { InvalidName, InvalidPlan, InvalidSnapshot } from '../engine/host/errors.ts'
import { InvalidTopology } from '../model/diagnostic.ts'
import { Interrupted } from '../model/plan/interrupted.ts'
import { Refused } from './context.ts'

const FAILED = 1
/** There are changes, drift, a problem, or an expectation that does not hold. */
export const DIFFERENT = 2
/** Another nsctl holds the lock. */
export const LOCKED = 6
/** Of the command line, as sysexits.h has it. */
export const USAGE = 64
/** Of the content of a file, as sysexits.h has it. */
export const INVALID = 65
/** Of `exec` and `sandbox`; `env`, `nohup` and the like fail with it, so that it differs from the command's own. */
export const NOT_STARTED = 125
/** 128 and the number of INT. */
export const INTERRUPTED = 130

/** The exit code that tells scripts why a command threw. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Refused) return error.exitCode
  if (error instanceof InvalidName) return USAGE
  if ([InvalidTopology, InvalidPlan, InvalidSnapshot].some(kind => error instanceof kind)) return INVALID
  return error instanceof Interrupted ? INTERRUPTED : FAILED
}
