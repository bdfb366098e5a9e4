import type { Family } from '../model/address.ts'
import { chainName, markOf } from '../model/ownership.ts'

export type TableName = 'raw' | 'mangle' | 'nat' | 'filter'

/** A jump from a built-in chain to one of ours. */
export interface Jump {
  from: string
  /** `first`: nothing but other topologies' jumps before it; `last`: nothing but those after it. */
  place: 'first' | 'last' | 'anywhere'
  /** The match in front of the comment; empty for every packet. */
  match: string
}

/** One of the topology's chains as it should stand; rules in iptables-save's canonical text, without `-A CHAIN `. */
export interface WantedChain {
  family: Family
  table: TableName
  name: string
  rules: string[]
  jumps: Jump[]
  /** What it does, for the plan. */
  reason: string
}

/** Where a packet enters a chain of ours, by the chain's suffix: the same for every topology. */
const PLACES: Record<string, Jump['place']> = { PRE: 'anywhere', DST: 'anywhere', FENCE: 'last' }

export function placeOf(suffix: string): Jump['place'] {
  return PLACES[suffix] ?? 'first'
}

/** Text of a jump as iptables-save prints it; its whole comment is the mark. */
export function jumpRule(topology: string, jump: Jump, chain: string): string {
  return [jump.match, `-m comment --comment "${markOf(topology)}"`, `-j ${chain}`]
    .filter(part => part !== '')
    .join(' ')
}

export function chain(
  topology: string,
  family: Family,
  table: TableName,
  suffix: string,
  rules: string[],
  from: { from: string; match?: string }[],
  reason: string,
): WantedChain {
  const jumps = from.map(jump => ({ from: jump.from, place: placeOf(suffix), match: jump.match ?? '' }))
  return { family, table, name: chainName(topology, suffix), rules, jumps, reason }
}
