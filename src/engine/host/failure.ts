import { StepFailed } from '../../kernel/write/step-failed.ts'
import { Interrupted } from '../../model/plan/interrupted.ts'
import type { Failure } from '../../model/plan/outcome.ts'
import type { Plan } from '../../model/plan/plan.ts'
import { messageOf } from '../../model/text/escape.ts'

/** Thrown when the host is not as planned, although every command succeeded. */
export class NotVerified extends Error {
  readonly left: Plan

  constructor(left: Plan) {
    super('the commands succeeded, but the host is not as planned')
    this.name = 'NotVerified'
    this.left = left
  }
}

/** Thrown when an apply breaks expectations of its file. */
export class ExpectationsBroken extends Error {
  readonly broken: string[]

  constructor(topology: string, broken: string[]) {
    super(`${topology}: not as expected: ${broken.join('; ')}`)
    this.name = 'ExpectationsBroken'
    this.broken = broken
  }
}

/** An error as the value that an outcome holds. */
export function failureOf(error: unknown): Failure {
  const message = messageOf(error)
  if (error instanceof StepFailed) return { kind: 'step', change: error.change, message }
  if (error instanceof NotVerified) return { kind: 'unverified', left: error.left, message }
  if (error instanceof ExpectationsBroken) return { kind: 'expectations', broken: error.broken, message }
  if (error instanceof Interrupted) return { kind: 'interrupted', signal: error.signal, message }
  return { kind: 'error', message }
}
