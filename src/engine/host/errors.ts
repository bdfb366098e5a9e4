import { escapeText } from '../../model/text/escape.ts'

/** Thrown for a file or directory that cannot be used as what it is given for; the message names it and says why. */
export class UnusableFile extends Error {
  constructor(path: string, why: string) {
    super(path === '' ? why : `${escapeText(path)}: ${why}`)
    this.name = 'UnusableFile'
  }
}

/** Thrown for a name that no topology can have. */
export class InvalidName extends Error {
  constructor(name: string, hint = '') {
    super(`${escapeText(name)}: no topology can have this name: expected at most 15 of a-z, 0-9 and -${hint}`)
    this.name = 'InvalidName'
  }
}

/** Thrown for a file that is no saved plan, or no longer whole. */
export class InvalidPlan extends Error {
  constructor(file: string, why: string, remedy = '') {
    super(`${escapeText(file)}: not a saved plan that can be applied: ${escapeText(why)}${remedy}`)
    this.name = 'InvalidPlan'
  }
}

/** Thrown for a file that is no snapshot, or no longer whole. */
export class InvalidSnapshot extends Error {
  constructor(path: string, why: string) {
    super(
      `${escapeText(path)}: this is not a snapshot: ${why}\na snapshot is what nsctl snapshot prints on the host`,
    )
    this.name = 'InvalidSnapshot'
  }
}
