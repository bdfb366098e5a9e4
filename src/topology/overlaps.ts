import { type Cidr, contains, formatCidr } from '../model/address.ts'
import type { Report } from './report.ts'
import type { Path } from './tree.ts'

/** A network that the host or a pair is in, in file order. */
export interface Territory {
  network: Cidr
  what: string
  path: Path
}

/**
 * Reports networks that overlap. Sorted by address, one can only lie in the widest before it that has not ended:
 * prefixes either contain each other or are apart.
 */
export function checkOverlaps(territories: Territory[], report: Report): void {
  const order = new Map(territories.map((territory, index) => [territory, index]))
  let widest: Territory | null = null
  for (const one of territories.toSorted(byNetwork)) {
    if (!widest || !contains(widest.network, one.network)) {
      widest = one
      continue
    }
    // The later one in the file is the one to point at.
    const inOrder = (order.get(widest) ?? 0) < (order.get(one) ?? 0)
    const [earlier, later] = inOrder ? [widest, one] : [one, widest]
    if (report.hasErrorAt(later.path)) continue
    report.error(
      'overlapping-subnets',
      later.path,
      `${formatCidr(later.network)} overlaps ${earlier.what}, ${formatCidr(earlier.network)} (${report.lineOf(earlier.path)})`,
    )
  }
}

function byNetwork({ network: a }: Territory, { network: b }: Territory): number {
  if (a.family !== b.family) return a.family < b.family ? -1 : 1
  if (a.address !== b.address) return a.address < b.address ? -1 : 1
  return a.prefix - b.prefix
}
