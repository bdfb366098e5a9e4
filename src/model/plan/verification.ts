import type { Expectation } from '../topology.ts'

/** Packets to send from one place, and what came of each. */
export interface Probe {
  protocol: 'tcp' | 'udp'
  address: string
  port: number
  /** Milliseconds until silence is an answer. */
  timeout: number
}

export interface ProbeResult {
  outcome: 'answered' | 'refused' | 'silent' | 'failed'
  /** What the kernel said: an errno's name. */
  error: string | null
  ms: number
}

/** What came of checking one expectation. */
export interface ExpectationResult {
  expectation: Expectation
  /** `undetermined`: neither packets nor the rules could tell. */
  outcome: 'holds' | 'fails' | 'undetermined'
  /** Whether the outcome is `holds`. */
  holds: boolean
  /** Whether the flow gets there; of an expectation of `open`, whether the path is open. Null where that is unknown. */
  reached: boolean | null
  /** `packets`: real ones were sent; `explain`: judged by the rules; `none`: one of its ends does not exist. */
  by: 'packets' | 'explain' | 'none'
  /** `connected`, `refused: nothing listens`… */
  what: string
  ms: number
  /** Why, and what to do: of an expectation that does not hold, or is undetermined. */
  why: string[]
}

/** What tells one expectation from another, in all versions of a file. */
export function expectationKey({ protocol, from, to, reachable, open }: Expectation): string {
  return `${protocol} ${from} -> ${to}${open ? ' open' : reachable ? '' : ' unreachable'}`
}
