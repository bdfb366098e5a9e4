import { formatPorts } from '../../model/ports.ts'
import type { Forward } from '../../model/topology.ts'
import type { Draft } from '../parse/draft.ts'

interface Placed {
  index: number
  forward: Forward
}

/** Reports forwards that claim the same packets. */
export function checkConflicts(placed: Placed[], { report }: Draft): void {
  for (const [a, b] of rivalsAmong(placed, (one, other) => conflict(one.forward, other.forward))) {
    const [earlier, later] = a.index < b.index ? [a, b] : [b, a]
    const at = ['forwards', later.index, 'listen']
    report.error('conflicting-forwards', at, ...explain(earlier.forward, later.forward))
    if (report.full) return
  }
}

/**
 * Forwards that would be published at one place, each with the first it meets. In order of port, each is held only
 * against those whose range has not ended and whose address can be the same: thousands of published ports stay a matter
 * of milliseconds.
 */
export function rivalsAmong<T extends { forward: Forward }>(
  placed: readonly T[],
  clash: (one: T, other: T) => boolean,
): [T, T][] {
  const open = new Map<string, T[]>()
  const found: [T, T][] = []
  for (const one of placed.toSorted(byPort)) {
    const { listenAddress, listenPorts } = one.forward
    const rivals = listenAddress === null ? [...open.keys()] : [listenAddress, EVERY]
    let rival: T | undefined
    for (const address of rivals) {
      const still =
        open.get(address)?.filter(({ forward }) => forward.listenPorts.last >= listenPorts.first) ?? []
      if (still.length === 0) open.delete(address)
      else open.set(address, still)
      rival ??= still.find(other => clash(other, one))
    }
    if (rival) found.push([rival, one])
    else {
      const key = listenAddress ?? EVERY
      open.set(key, [...(open.get(key) ?? []), one])
    }
  }
  return found
}

const EVERY = '*'

function byPort({ forward: a }: { forward: Forward }, { forward: b }: { forward: Forward }): number {
  return a.listenPorts.first - b.listenPorts.first
}

function conflict(a: Forward, b: Forward): boolean {
  return (
    sameFamilyAndProtocol(a, b) &&
    // Without any uplink both are for the host and the namespaces, and meet there.
    (meet(a.uplinks, b.uplinks) || (a.uplinks.length === 0 && b.uplinks.length === 0))
  )
}

export function sameFamilyAndProtocol(a: Forward, b: Forward): boolean {
  return meet(a.families, b.families) && meet(a.protocols, b.protocols)
}

function meet<T>(a: T[], b: T[]): boolean {
  return a.some(item => b.includes(item))
}

function explain(earlier: Forward, later: Forward): string[] {
  const protocols = later.protocols.filter(protocol => earlier.protocols.includes(protocol))
  const { namespace, ports } = earlier.target
  return [
    `${protocols.join(', ')} ${formatPorts(earlier.listenPorts)} already goes to ${namespace}:${formatPorts(ports)} (line ${earlier.source.line})`,
    'use another port, or listen on different addresses or uplinks',
  ]
}
