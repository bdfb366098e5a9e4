import type { PortRange } from '../../model/topology.ts'
import type { Draft } from './draft.ts'
import type { Spot } from './report.ts'

const HIGHEST = 65535

/** Parses `8080` or `8000-8010`; both ends count. Reports what is wrong and returns null. */
export function parsePorts(text: string | number, at: Spot, { report }: Draft): PortRange | null {
  const [first = Number.NaN, last = first] = String(text).split('-').map(Number)
  if (![first, last].every(port => port >= 1 && port <= HIGHEST)) {
    report.error('invalid-port', at, `a port is 1 to ${HIGHEST}, found ${text}`)
    return null
  }
  if (last >= first) return { first, last }
  report.error('reversed-range', at, `a range begins with the lower port: ${last}-${first}`)
  return null
}

export function lengthOf({ first, last }: PortRange): number {
  return last - first + 1
}

/** In order, overlapping and adjoining ones as one: the same set of ports is always the same list. */
export function mergePorts(ranges: PortRange[]): PortRange[] {
  const merged: PortRange[] = []
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const previous = merged.at(-1)
    if (previous && range.first <= previous.last + 1) previous.last = Math.max(previous.last, range.last)
    else merged.push({ ...range })
  }
  return merged
}
