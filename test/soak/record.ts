import { appendFileSync, existsSync, readFileSync } from 'node:fs'

/** What came of a trial; `failure` is null where all held. */
export interface Entry {
  story: string
  trial: string
  kind: string
  failure: string | null
}

/** Trials that were made, one line of JSON each, so that a run can go on where another one was stopped. */
export class TrialRecord {
  readonly #path: string | null
  readonly #entries = new Map<string, Entry>()

  constructor(path: string | null) {
    this.#path = path
    if (path === null || !existsSync(path)) return
    // The last line is cut off where the run was killed while it wrote it.
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
    for (const line of lines) this.#keep(JSON.parse(line))
  }

  add(entry: Entry): void {
    this.#keep(entry)
    if (this.#path !== null) appendFileSync(this.#path, `${JSON.stringify(entry)}\n`)
  }

  /** What came of it last; null when it was not made. */
  of(story: string, trial: string): Entry | null {
    return this.#entries.get(`${story}, ${trial}`) ?? null
  }

  #keep(entry: Entry): void {
    this.#entries.set(`${entry.story}, ${entry.trial}`, entry)
  }
}
