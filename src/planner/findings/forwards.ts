import { familyOf } from '../../model/address.ts'
import type { Finding } from '../../model/plan/plan.ts'
import type { Forward, Topology } from '../../model/topology.ts'
import { error } from './finding.ts'

/**
 * Two forwards of one port that the file tells apart by their uplinks, of which one turns out to be what `default`
 * stands for on this host; the loader cannot know.
 */
export function forwardFindings({ forwards, uplinkSources }: Topology): Finding[] {
  if (!uplinkSources.default || Object.keys(uplinkSources).length < 2) return []
  return forwards.flatMap((forward, i) =>
    forwards
      .slice(0, i)
      .filter(other => samePort(forward, other) && sameAddress(forward, other))
      .flatMap(other => {
        const shared = forward.uplinks.find(uplink => other.uplinks.includes(uplink))
        if (shared === undefined) return []
        return [
          error(
            'conflicting-forwards',
            `${forward.listenPorts.first}`,
            `two forwards want port ${forward.listenPorts.first} on ${shared}`,
            [`the other is in line ${other.source.line}; default stands for ${shared} on this host`],
            forward.source,
          ),
        ]
      }),
  )
}

function samePort(a: Forward, b: Forward): boolean {
  return (
    a.protocols.some(protocol => b.protocols.includes(protocol)) &&
    a.listenPorts.first <= b.listenPorts.last &&
    b.listenPorts.first <= a.listenPorts.last
  )
}

function sameAddress(a: Forward, b: Forward): boolean {
  if (a.listenAddress !== null && b.listenAddress !== null) return a.listenAddress === b.listenAddress
  const [bound, every] = a.listenAddress === null ? [b, a] : [a, b]
  return bound.listenAddress === null
    ? a.families.some(family => b.families.includes(family))
    : every.families.includes(familyOf(bound.listenAddress))
}
