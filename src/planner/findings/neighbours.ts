import { makerOfLink } from '../../model/neighbours.ts'
import { readMark } from '../../model/ownership.ts'
import type { Link } from '../../model/snapshot.ts'

/** Who probably made an interface; null where nothing tells. */
export function likelyOwner({ alias, name }: Link): string | null {
  const mark = readMark(alias)
  return mark ? `the topology ${mark.topology}` : makerOfLink(name)
}
