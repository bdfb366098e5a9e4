/** A command that the kernel refused: for which change it was, and what the kernel said. */
export class StepFailed extends Error {
  readonly change: string | null

  constructor(change: string | null, what: string, why: string) {
    super(`${change === null ? '' : `${change}: `}${what}: ${why}`)
    this.name = 'StepFailed'
    this.change = change
  }
}

/** Failures of steps side by side, as one: that of the first, with a line for each. */
export function asOne(first: StepFailed, more: StepFailed[]): StepFailed {
  first.message = [first, ...more].map(({ message }) => message).join('\n')
  return first
}
