import { type Cidr, contains, formatCidr } from '../../model/address.ts'
import type { Report } from '../parse/report.ts'
import type { Path } from '../parse/tree.ts'

/** A network that the host or a pair is in, in file order. */
export interface Territory {
  network: Cidr
  what: string
  path: Path
}

/** Reports networks that overlap. */
export function checkOverlaps(territories: Territory[], report: Report): void {
  for (const [earlier, later] of overlapsAmong(territories)) {
    if (report.hasErrorAt(later.path)) continue
    report.error(
      'overlapping-subnets',
      later.path,
      `${formatCidr(later.network)} overlaps ${earlier.what}, ${formatCidr(earlier.network)} (${report.lineOf(earlier.path)})`,
    )
  }
}

/**
 * Networks that overlap, as pairs in the order given. Sorted by address, one can only lie in the widest before it that
 * has not ended: prefixes either contain each other or are apart.
 */
export function overlapsAmong<T extends { network: Cidr }>(territories: readonly T[]): [T, T][] {
  const order = new Map(territories.map((territory, index) => [territory, index]))
  const found: [T, T][] = []
  let widest: T | null = null
  for (const one of territories.toSorted(byNetwork)) {
    if (!widest || !contains(widest.network, one.network)) {
      widest = one
      continue
    }
    // The later one in the file is the one to point at.
    const inOrder: boolean = (order.get(widest) ?? 0) < (order.get(one) ?? 0)
    found.push(inOrder ? [widest, one] : [one, widest])
  }
  return found
}

function byNetwork({ network: a }: { network: Cidr }, { network: b }: { network: Cidr }): number {
  if (a.family !== b.family) return a.family < b.family ? -1 : 1
  if (a.address !== b.address) return a.address < b.address ? -1 : 1
  return a.prefix - b.prefix
}
