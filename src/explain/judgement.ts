import type { Family } from '../model/address.ts'
import type { PacketProtocol } from './packet.ts'
import type { Hop, Unknown, WalkEnd } from './world.ts'

/** A flow that is asked about. */
export interface Flow {
  protocol: PacketProtocol
  family: Family
  /** Where it starts; `input` for what comes from outside by one of the host's links. */
  from: { place: string; input: string | null }
  /** Null: the sender's kernel chooses. */
  source: string | null
  destination: string
  port: number | null
}

export type Verdict =
  /** It gets there, and the answer back. */
  | { kind: 'delivered'; place: string; port: number | null; process: string | null }
  /** It leaves this host as it should; what is beyond is out of sight. */
  | { kind: 'leaves'; place: string; dev: string; via: string | null }
  | (Extract<WalkEnd, { kind: 'failed' }> & { direction: 'request' | 'reply' })
  /** It depends on matches that cannot be evaluated. */
  | { kind: 'undetermined'; unknowns: Unknown[]; outcomes: string[] }

export interface Judgement {
  flow: Flow
  verdict: Verdict
  request: Hop[]
  reply: Hop[]
  /** Unknowns that make no difference. */
  immaterial: Unknown[]
  /** What to do about the verdict, one line each, with what is known of the topologies on the host; absent: not asked. */
  remedy?: string[]
}

/** One line that tells an outcome from another. */
export function outcomeOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'delivered':
      return verdict.process === null ? `delivered in ${verdict.place}` : `delivered to ${verdict.process}`
    case 'leaves':
      return `leaves ${verdict.place} through ${verdict.dev}`
    case 'failed':
      return verdict.direction === 'reply' ? `no answer: ${verdict.detail}` : verdict.detail
    case 'undetermined':
      return 'undetermined'
  }
}
