import type { NewLink } from '../../model/command/ip.ts'
import { linkNamed } from '../../model/host/by-name.ts'
import { KERNEL_MTU } from '../../model/host/rtnetlink.ts'
import type { Link, Snapshot } from '../../model/host/snapshot.ts'
import { groupOf, markOf } from '../../model/ownership.ts'
import { isCreatedByInterrupted } from '../../model/plan/created-by-interrupted.ts'
import type { Operation } from '../../model/plan/plan.ts'
import type { Resource } from '../../model/plan/resource.ts'
import { sha256 } from '../../model/text/sha256.ts'
import type { Subnet, Topology } from '../../model/topology.ts'
import type { Kind } from '../kind.ts'
import { linkIn, removeLink } from '../predict/links.ts'
import { type LinkSettings, linkSettings, ownsLink, shown } from './link.ts'
import { bridgeId } from './link-id.ts'
import { carriesIpv6, linkLocalOf, linkLocalsOf } from './link-local.ts'

/** It has no link-local address on a segment without the host or without IPv6. */
export type BridgeAttributes = LinkSettings & { name: string; mac: string }

/** A Linux bridge on the host: the segment that a subnet's veths share. */
export const bridge: Kind<BridgeAttributes> = {
  name: 'bridge',
  layer: 'link',

  desired: (topology, snapshot) =>
    topology.subnets.flatMap(subnet => {
      if (subnet.bridge === null) return []
      const mtu = smallestMtu(topology, subnet, snapshot)
      const ipv6 = subnet.gateways.some(gateway => gateway.includes(':'))
      return [
        {
          kind: 'bridge' as const,
          id: bridgeId(subnet.bridge),
          scope: 'host',
          attributes: {
            name: subnet.bridge,
            mark: markOf(topology.name),
            group: groupOf(topology.name),
            state: 'up' as const,
            mac: stableMac(topology.name, subnet.bridge),
            mtu,
            ...(carriesIpv6(mtu)
              ? { linkLocal: ipv6 ? [linkLocalOf(topology.name, 'host', subnet.bridge)] : [] }
              : {}),
          },
          owned: true,
          within: [],
          reason: `the segment of ${subnet.name}`,
          source: subnet.source,
        },
      ]
    }),

  observed: (snapshot, topology) =>
    snapshot.host.links
      .filter(link => link.kind === 'bridge')
      .map(link => observedBridge(snapshot, topology, link)),

  create: ({ attributes }) => [
    { stage: 'link', command: { ...onHost, op: 'link-add', link: birth(attributes), type: 'bridge' } },
    ...settings(attributes),
  ],

  update: (before, { attributes }) => settings(attributes, before.attributes),

  remove: ({ attributes: { name } }) => [
    { stage: 'quiesce', command: { ...onHost, op: 'link-set', dev: name, state: 'down' } },
    { stage: 'unlink', command: { ...onHost, op: 'link-delete', dev: name } },
  ],

  link: { interfaces: ({ name }) => [{ namespace: 'host', interface: name }] },

  predict: ({ host }, before, after) => {
    if (after === null) return removeLink(host, before?.name ?? '')
    const { name, mark, group, state, mac } = after
    Object.assign(linkIn(host, name), { kind: 'bridge', alias: mark, group, up: state === 'up', mac })
  },

  title: ({ name }) => `bridge ${name}`,
  detail: ({ mtu }) => (mtu === undefined ? '' : `mtu ${mtu}`),
  differences: (before, after, changed) =>
    (changed as (keyof BridgeAttributes)[]).map(
      name => `${name} ${shown(before[name])} -> ${shown(after[name])}`,
    ),
}

/**
 * What its smallest port takes: the kernel makes it so itself, as long as nobody has set another, and the host must not
 * send larger packets into the segment, which would be dropped there without a word.
 */
function smallestMtu(topology: Topology, subnet: Subnet, { host }: Snapshot): number {
  const ends = topology.veths
    .filter(pair => pair.subnet === subnet.name)
    .flatMap(pair => pair.ends.filter(({ namespace }) => namespace === 'host').map(end => ({ pair, end })))
  const mtus = ends.map(({ pair, end }) => {
    const live = pair.adopt ? linkNamed(host.links, end.interface)?.mtu : undefined
    return end.mtu ?? live ?? KERNEL_MTU
  })
  return mtus.length === 0 ? (subnet.mtu ?? KERNEL_MTU) : Math.min(...mtus)
}

function observedBridge(snapshot: Snapshot, topology: string, link: Link): Resource<BridgeAttributes> {
  const id = bridgeId(link.name)
  const vouched = isCreatedByInterrupted(snapshot, topology, id)
  return {
    kind: 'bridge',
    id,
    scope: 'host',
    attributes: {
      name: link.name,
      mark: link.alias,
      group: link.group,
      state: link.up ? 'up' : 'down',
      mac: link.mac,
      mtu: link.mtu,
      ...(carriesIpv6(link.mtu) ? { linkLocal: linkLocalsOf(link) } : {}),
    },
    owned: ownsLink(topology, link) && (link.alias !== null || vouched),
    within: [],
    reason: null,
    source: null,
  }
}

const onHost = { tool: 'ip', namespace: 'host' } as const

function birth({ name, mac, mtu, group }: BridgeAttributes): NewLink {
  return { name, mac, group, ...(mtu === undefined ? {} : { mtu }) }
}

function settings(attributes: BridgeAttributes, was?: BridgeAttributes): Operation[] {
  const commands = linkSettings({ namespace: 'host', dev: attributes.name }, attributes, was)
  return commands.map(command => ({ stage: 'configure', command }))
}

/** A bridge without one of its own takes the lowest of its ports', and with each port changes the gateway's under its users. */
function stableMac(topology: string, name: string): string {
  const hash = sha256(`${topology}/${name}`)
  return ['02', ...(hash.slice(0, 10).match(/../g) ?? [])].join(':')
}
