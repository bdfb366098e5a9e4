import { makerOfLink } from '../../model/host/neighbours.ts'
import type { Link } from '../../model/host/snapshot.ts'
import { readMark } from '../../model/ownership.ts'

/** Who probably made an interface; null where nothing tells. */
export function likelyOwner({ alias, name }: Link): string | null {
  const mark = readMark(alias)
  return mark ? `the topology ${mark.topology}` : makerOfLink(name)
}
