import { makerOfChain, makerOfLink } from '../../model/host/neighbours.ts'
import { makerInComment, makerOfTable } from '../../model/nft/owners.ts'
import type { NftRule, NftTable } from '../../model/nft/ruleset.ts'
import { readMark } from '../../model/ownership.ts'

const UNKNOWN = 'unknown'

export function ownerOfTable({ name }: NftTable): string {
  return makerOfTable(name) ?? UNKNOWN
}

/** Whose a rule is: by its table, its comment, its chain, or the interfaces it names. */
export function ownerOfNftRule(
  { name }: Pick<NftTable, 'name'>,
  chain: { name: string },
  { comment, text }: NftRule,
): string {
  const mark = readMark(comment ?? null)
  if (mark !== null) return `nsctl:${mark.topology}`
  const links = [...text.matchAll(/\b[io]if(?:name)? (?:!= )?"([^"]+)"/g)].map(([, link]) => link ?? '')
  return (
    makerOfTable(name) ??
    makerInComment(comment ?? '') ??
    makerOfChain(chain.name) ??
    links.map(makerOfLink).find(maker => maker !== null) ??
    UNKNOWN
  )
}
