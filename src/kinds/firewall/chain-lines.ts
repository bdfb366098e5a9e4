import type { Family } from '../../model/address.ts'
import type { RestoreLine } from '../../model/command/iptables.ts'
import type { NftLine } from '../../model/command/nft.ts'
import type { Operation } from '../../model/plan/plan.ts'

export type JumpAttributes = {
  from: string
  /** As wanted, or where it is instead: `rule 4 of 6`. */
  place: string
  rule: string
}

/** Declaring a chain empties it: flush and refill are one transaction. */
export function refill({ name, rules }: { name: string; rules: string[] }): RestoreLine[] {
  return [declare(name), ...rules.map((rule): RestoreLine => ({ op: 'append', chain: name, rule }))]
}

/** A chain can go only when it is empty. */
export function deleteChain({ name }: { name: string }): RestoreLine[] {
  return [declare(name), { op: 'delete-chain', chain: name }]
}

function declare(chain: string): RestoreLine {
  return { op: 'declare', chain, policy: null }
}

export function insertJumps({ jumps }: { jumps: JumpAttributes[] }): RestoreLine[] {
  return jumps.map(({ from, place, rule }) => ({
    op: place === 'first' ? 'insert' : 'append',
    chain: from,
    rule,
  }))
}

export function deleteJumps({ jumps }: { jumps: JumpAttributes[] }): RestoreLine[] {
  return jumps.map(({ from, rule }) => ({ op: 'delete', chain: from, rule }))
}

interface Unprinted {
  family: Family
  table: string
  name: string
  byHandle?: { chain: string; handle: number }[]
}

/** Null where iptables can. */
export function deleteByHandle({ family, table, name, byHandle }: Unprinted): Operation | null {
  if (byHandle === undefined) return null
  const lines: NftLine[] = [
    ...byHandle.map(({ chain, handle }): NftLine => ({ op: 'delete-rule', chain, handle })),
    { op: 'flush-chain', chain: name },
    { op: 'delete-chain', chain: name },
  ]
  return { stage: 'unguard', command: { tool: 'nft', family, table, lines } }
}
