/** A step that the kernel refused: which command of it, for which change, and what the kernel said. */
export class StepFailed extends Error {
  readonly change: string | null

  constructor(change: string | null, what: string, why: string) {
    super(`${change === null ? '' : `${change}: `}${what}: ${why}`)
    this.name = 'StepFailed'
    this.change = change
  }
}
