import { type Family, familiesOf } from '../../model/address.ts'
import type { Source } from '../../model/diagnostic.ts'
import { FROM_ROUTER_ADVERTISEMENT } from '../../model/host/rtnetlink.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { Topology } from '../../model/topology.ts'
import { bridgeId, vethId } from '../link/link-id.ts'

/** A setting that forwarding needs on the host. */
export interface Setting {
  key: string
  value: string
  /** Whether the value before is to be remembered: it outlives the topology. */
  claims: boolean
  within: string[]
  reason: string | null
  source: Source | null
}

/** What nsctl sets on the host's side of its own links. */
const OWN_LINK = [
  'net/ipv4/conf/*/forwarding',
  'net/ipv4/conf/*/route_localnet',
  'net/ipv6/conf/*/force_forwarding',
]

export function isOwnLinkSetting(key: string): boolean {
  return OWN_LINK.includes(key.replace(/(conf)\/.+\/([^/]+)$/, '$1/*/$2'))
}

/** Settings of the host that a topology's packets need to pass it, per interface wherever the kernel lets it be so. */
export function forwardingSettings(topology: Topology, snapshot: Snapshot): Setting[] {
  const own = hostInterfaces(topology)
  if (own.length === 0) return []
  const ipv6 = snapshot.host.ipv6 && own.some(({ families }) => families.includes('ipv6'))
  return [
    ...own.flatMap(link => ownLinkSettings(link, snapshot)),
    ...(own.some(({ families }) => families.includes('ipv4'))
      ? topology.uplinks.map(uplink => uplinkSetting(topology, uplink, `net/ipv4/conf/${uplink}/forwarding`))
      : []),
    ...(ipv6
      ? canForceForwarding(snapshot)
        ? ipv6Uplinks(topology, snapshot).map(uplink =>
            uplinkSetting(topology, uplink, forceForwarding(uplink)),
          )
        : wholeHost(topology, snapshot)
      : []),
  ]
}

interface HostInterface {
  name: string
  families: Family[]
  adopted: boolean
  id: string
  source: Source
}

/** The interfaces through which the host meets a topology's namespaces: bridges, and ends that are no port of one. */
export function hostInterfaces(topology: Topology): HostInterface[] {
  const bridges = topology.subnets.flatMap(subnet =>
    subnet.bridge === null || subnet.gateways.length === 0
      ? []
      : [
          {
            name: subnet.bridge,
            families: familiesOf(subnet.gateways),
            adopted: false,
            id: bridgeId(subnet.bridge),
            source: subnet.source,
          },
        ],
  )
  const ends = topology.veths.flatMap(pair =>
    pair.ends
      .filter(end => end.namespace === 'host' && end.addresses.length > 0)
      .map(end => ({
        name: end.interface,
        families: familiesOf(end.addresses),
        adopted: pair.adopt,
        id: vethId(pair),
        source: end.source,
      })),
  )
  return [...bridges, ...ends]
}

function ownLinkSettings(
  { name, families, adopted, id, source }: HostInterface,
  snapshot: Snapshot,
): Setting[] {
  const keys = [
    ...(families.includes('ipv4') ? ['net/ipv4/conf/*/forwarding', 'net/ipv4/conf/*/route_localnet'] : []),
    ...(families.includes('ipv6') && canForceForwarding(snapshot)
      ? ['net/ipv6/conf/*/force_forwarding']
      : []),
  ]
  return keys.map(key => ({
    key: key.replace('*', name),
    value: '1',
    claims: adopted,
    within: [id],
    reason: null,
    source,
  }))
}

function uplinkSetting(topology: Topology, uplink: string, key: string): Setting {
  return {
    key,
    value: '1',
    claims: true,
    within: [],
    reason: uplinkReason(topology, uplink),
    source: topology.uplinkSources[uplink] ?? topology.uplinkSources.default ?? null,
  }
}

/** Uplinks that nsctl makes forward IPv6: none where the host does so as a whole, by its own choice. */
export function ipv6Uplinks(topology: Topology, { host, claims }: Snapshot): string[] {
  const whole = host.sysctls['net/ipv6/conf/all/forwarding'] === '1'
  return topology.uplinks.filter(
    uplink => !whole || claims.some(({ key }) => key === forceForwarding(uplink)),
  )
}

export function forceForwarding(uplink: string): string {
  return `net/ipv6/conf/${uplink}/force_forwarding`
}

/** Linux 6.17 and later forward IPv6 by interface, whatever the host as a whole does. */
export function canForceForwarding({ host }: Snapshot): boolean {
  return 'net/ipv6/conf/lo/force_forwarding' in host.sysctls
}

/**
 * Before Linux 6.17 IPv6 is forwarded by the whole host or not at all. A host that forwards takes no router
 * advertisements any more, and loses its own default route, unless its interfaces are told to take them all the same.
 */
function wholeHost(topology: Topology, { host }: Snapshot): Setting[] {
  const living = host.routes.filter(
    ({ family, protocol }) => family === 'ipv6' && protocol === FROM_ROUTER_ADVERTISEMENT,
  )
  const source = topology.source
  return [
    ...[...new Set(living.flatMap(({ dev }) => dev ?? []))].map(dev => ({
      key: `net/ipv6/conf/${dev}/accept_ra`,
      value: '2',
      claims: true,
      within: [],
      reason: 'keeps its default route, which comes from router advertisements, while the host forwards',
      source,
    })),
    {
      key: 'net/ipv6/conf/all/forwarding',
      value: '1',
      claims: true,
      within: [],
      reason: 'this kernel forwards IPv6 for the whole host or not at all',
      source,
    },
  ]
}

function uplinkReason(topology: Topology, uplink: string): string {
  const leaving = topology.subnets.filter(subnet => subnet.uplinks.includes(uplink)).map(({ name }) => name)
  if (leaving.length === 0) return `published ports are reached through ${uplink}`
  return `${listed(leaving)} ${leaving.length === 1 ? 'leaves' : 'leave'} through it`
}

function listed(names: string[]): string {
  if (names.length > 4) return `${names.length} subnets`
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
