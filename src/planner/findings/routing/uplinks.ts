import { marksOf, needsReplyPaths } from '../../../kinds/network/reply-paths.ts'
import { linkNamed } from '../../../model/host/by-name.ts'
import type { Snapshot } from '../../../model/host/snapshot.ts'
import { isInterfaceName, isNsctlGroup } from '../../../model/ownership.ts'
import type { Finding } from '../../../model/plan/plan.ts'
import type { Topology } from '../../../model/topology.ts'
import { defaultInterfaces, defaultUplinks } from '../../default-uplinks.ts'
import { error, warning } from '../finding.ts'

/** Uplinks that do not exist, that cannot be matched, or that `default` found none of. */
export function uplinkFindings(topology: Topology, snapshot: Snapshot): Finding[] {
  const { links } = snapshot.host
  const missingDefault =
    topology.uplinkSources.default && defaultUplinks(snapshot, topology).length === 0
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

/** An uplink that replies cannot be sent to: those to clients beyond its own network leave as routing has it. */
function withoutWayBack(topology: Topology, snapshot: Snapshot): Finding[] {
  if (!needsReplyPaths(topology, snapshot)) return []
  const paths = marksOf(topology, snapshot)
  return topology.uplinks
    .filter(uplink => !paths?.marks.has(uplink) && snapshot.host.links.some(({ name }) => name === uplink))
    .map(uplink =>
      warning(
        'no-reply-path',
        uplink,
        `replies to clients behind ${uplink} may leave through another interface`,
        paths?.tables.has(uplink)
          ? [
              'every bit of the packet mark is in use on this host: uplinks cannot be told apart by it',
              'free some: ip rule, and the rules with MARK and CONNMARK, say who uses which',
            ]
          : [
              `${uplink} has no default route, so its next hop is not known: only clients on its own network are answered through it`,
              `give it one with a higher metric: ip route add default via ROUTER dev ${uplink} metric 1000`,
            ],
        topology.uplinkSources[uplink] ?? topology.source,
      ),
    )
}

/** The kernel takes names such as `eth+`, which iptables would read as many interfaces: `default` leaves those out. */
function unusable(topology: Topology, snapshot: Snapshot): Finding[] {
  const source = topology.uplinkSources.default
  if (!source) return []
  return defaultInterfaces(snapshot, topology)
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
