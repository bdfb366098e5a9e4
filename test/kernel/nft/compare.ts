import { outcomeOf, type Verdict } from '../../../src/explain/judgement.ts'
import type { Hop } from '../../../src/explain/world.ts'
import type { Explained } from './explain-flows.ts'
import type { Fate, Flow, Written } from './flow.ts'
import type { Met } from './packets.ts'

/** What came of all flows beside one ruleset: a line for each that is not as it should be. */
export interface Tally {
  flows: number
  /** A packet met something else than the ruleset's author wrote. */
  mistaken: string[]
  /** Explain says something else than the packet met, or does not name what stopped it. */
  wrong: string[]
  undetermined: string[]
}

export interface Tried {
  flow: Flow
  /** Null for a random one. */
  written: Written | null
  met: Met
  said: Explained
}

/** Holds what explain says against what packets met, and that against what was written. */
export function compare(name: string, owner: string | null, tried: Tried[]): Tally {
  return {
    flows: tried.length,
    mistaken: tried.flatMap(one => mistakeIn(one).map(text => `${headOf(name, one)}; ${text}`)),
    wrong: tried.flatMap(one => faultsOf(one, owner).map(text => `${headOf(name, one)}; ${text}`)),
    undetermined: tried.flatMap(one => unknownsOf(one).map(text => `${headOf(name, one)}; ${text}`)),
  }
}

function headOf(name: string, { flow, met: { fate, by } }: Tried): string {
  return `${name}: ${flow.text}: the packet was ${fate}${by ? ` by ${by}` : ''}`
}

function mistakeIn({ written, met: { fate, by } }: Tried): string[] {
  if (!written) return []
  const { fate: wanted, answeredBy } = written
  return wanted === fate && (answeredBy ?? by) === by ? [] : [`written: ${wanted} by ${answeredBy}`]
}

function faultsOf({ flow, written, met, said }: Tried, owner: string | null): string[] {
  // Where an end lacks an address of the family there is nothing to explain, and nothing gets there.
  if (typeof said === 'string') return met.fate === 'answered' ? [`explain: ${said}`] : []
  const { verdict, request, reply } = said.judgement
  if (verdict.kind === 'undetermined') return []
  if (!isRight(verdict, flow, met, written !== null)) return [`explain: ${outcomeOf(verdict)}`]
  if (verdict.kind !== 'failed' || !written) return []
  const faults = unnamed(verdict, [...request, ...reply], said.remedy, written.stoppedAt, owner)
  return faults.length === 0 ? [] : [`explain: ${outcomeOf(verdict)}: ${faults.join(', ')}`]
}

function unknownsOf({ said }: Tried): string[] {
  if (typeof said === 'string' || said.judgement.verdict.kind !== 'undetermined') return []
  return [said.judgement.verdict.unknowns.map(({ text }) => text).join('; ')]
}

/** How long to wait for a packet whose fate is not written: what explain lets through is waited for. */
export function fateSaid(said: Explained | undefined): Fate {
  if (said === undefined || typeof said === 'string') return 'dropped'
  return /^(delivered|leaves)$/.test(said.judgement.verdict.kind) ? 'answered' : 'dropped'
}

function isRight(verdict: Verdict, { protocol }: Flow, { fate, by }: Met, isWritten: boolean): boolean {
  switch (verdict.kind) {
    case 'delivered':
      return fate === 'answered' && (by === null || verdict.place === by)
    case 'leaves':
      return fate === 'answered' && (by === null || by === 'outside')
    case 'failed':
      if (verdict.direction === 'reply') return fate === 'dropped'
      // Of a host or network that cannot be reached the kernel does not tell those who send datagrams, and random rules
      // may drop the refusal on its way back.
      if (verdict.why === 'rejected' && (protocol === 'udp' || !isWritten)) return fate !== 'answered'
      return fatesOf(verdict.why).includes(fate)
    case 'undetermined':
      return false
  }
}

function fatesOf(why: Extract<Verdict, { kind: 'failed' }>['why']): Fate[] {
  if (why === 'dropped') return ['dropped']
  if (why === 'rejected') return ['refused']
  // The refusal of a port where nothing listens may itself be dropped on its way back.
  return ['refused', 'dropped']
}

/** What of all that must be named is not. */
function unnamed(
  verdict: Extract<Verdict, { kind: 'failed' }>,
  hops: Hop[],
  remedy: string[],
  stoppedAt: string[],
  owner: string | null,
): string[] {
  if (stoppedAt.length === 0) return []
  const last = hops.at(-1)
  const told = [verdict.detail, last?.where, last?.what, last?.effect].join(' ')
  return [
    ...stoppedAt.filter(word => !told.includes(word)).map(word => `"${word}" is not named in "${told}"`),
    ...(owner === null || verdict.owner?.includes(owner)
      ? []
      : [`owner ${verdict.owner} instead of ${owner}`]),
    ...(remedy.join('').trim() === '' ? ['no remedy'] : []),
  ]
}
