import { marksOf } from '../../kinds/network/reply-paths.ts'
import { linkNamed } from '../../model/host/by-name.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import { isInterfaceName, isNsctlGroup } from '../../model/ownership.ts'
import type { Finding } from '../../model/plan/plan.ts'
import type { Topology } from '../../model/topology.ts'
import { defaultUplinks, isDefaultRoute } from '../resolve.ts'
import { error, warning } from './finding.ts'

/** Uplinks that do not exist, that cannot be matched, or that `default` found none of. */
export function uplinkFindings(topology: Topology, snapshot: Snapshot): Finding[] {
  const { links } = snapshot.host
  const missingDefault =
    topology.uplinkSources.default && defaultUplinks(snapshot).length === 0
      ? [
          error(
            'no-default-route',
            'default',
            'uplink default: the host has no default route',
            ['name the interface instead, or give the host a default route first'],
            topology.uplinkSources.default,
          ),
        ]
      : []
  const others = topology.uplinks.flatMap(uplink => {
    const source = topology.uplinkSources[uplink] ?? topology.uplinkSources.default ?? topology.source
    const link = linkNamed(links, uplink)
    if (!link) {
      const candidates = links
        .filter(({ name, group }) => name !== 'lo' && !isNsctlGroup(group))
        .map(({ name }) => name)
      return [
        error(
          'uplink-missing',
          uplink,
          `uplink ${uplink} does not exist`,
          [
            candidates.length > 0
              ? `interfaces of this host: ${candidates.join(', ')}`
              : 'this host has no interface but lo',
          ],
          source,
        ),
      ]
    }
    if (link.master !== null) {
      return [
        error(
          'uplink-is-port',
          uplink,
          `uplink ${uplink} is a port of ${link.master}`,
          [`packets arrive on ${link.master}, never on its ports: write ${link.master} instead`],
          source,
        ),
      ]
    }
    return []
  })
  return [
    ...missingDefault,
    ...unusable(topology, snapshot),
    ...others,
    ...withoutWayBack(topology, snapshot),
  ]
}

/** Among several uplinks one without a default route: replies to clients beyond its own network would leave elsewhere. */
function withoutWayBack(topology: Topology, snapshot: Snapshot): Finding[] {
  const marks = marksOf(topology, snapshot)
  if (marks === null) return []
  return topology.uplinks
    .filter(uplink => !marks.marks.has(uplink) && snapshot.host.links.some(({ name }) => name === uplink))
    .map(uplink =>
      warning(
        'no-reply-path',
        uplink,
        `replies to clients behind ${uplink} may leave through another uplink`,
        [
          `${uplink} has no default route, so its next hop is not known: only clients on its own network are answered through it`,
          `give it one with a higher metric: ip route add default via ROUTER dev ${uplink} metric 1000`,
        ],
        topology.uplinkSources[uplink] ?? topology.source,
      ),
    )
}

/** The kernel takes names such as `eth+`, which iptables would read as many interfaces: `default` leaves those out. */
function unusable(topology: Topology, { host }: Snapshot): Finding[] {
  const source = topology.uplinkSources.default
  if (!source) return []
  const names = new Set(host.routes.filter(isDefaultRoute).flatMap(({ dev }) => dev ?? []))
  return [...names]
    .filter(name => !isInterfaceName(name))
    .map(name =>
      warning(
        'uplink-unusable',
        name,
        `uplink default: ${name}, which carries a default route, has a name that no rule can be made for`,
        ['nothing leaves or arrives through it; give it a name of letters, digits, ., _ and -'],
        source,
      ),
    )
}
