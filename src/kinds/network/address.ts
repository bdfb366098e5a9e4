import { addressOf, cidr, familyOf } from '../../model/address.ts'
import type { IpCommand } from '../../model/command/ip.ts'
import type { Source } from '../../model/diagnostic.ts'
import { linkNamed } from '../../model/host/by-name.ts'
import { networkIn, networksOf } from '../../model/host/scope.ts'
import type { Link, Snapshot } from '../../model/host/snapshot.ts'
import { readMark } from '../../model/ownership.ts'
import type { Operation } from '../../model/plan/plan.ts'
import type { Resource } from '../../model/plan/resource.ts'
import type { End, Subnet, Veth } from '../../model/topology.ts'
import type { Kind } from '../kind.ts'
import { bridgeId, linkId, vethId } from '../link/link-id.ts'
import { isIpv6LinkLocal } from '../link/link-local.ts'
import { decisiveEnd, ownsLinkIn } from '../namespace.ts'
import { addAddress, removeAddress } from '../predict/links.ts'
import { type Claimed, claimObject, isHeldBy } from '../settings/claim.ts'

export type AddressAttributes = {
  namespace: string
  dev: string
  address: string
  /** On an adopted link: nsctl's only by a claim, since every other address on it is the host's. */
  claimed: boolean
  /** Observed only: the interface under whose name it is claimed, which is about to get another one. */
  claimedOn?: string
  /** Observed only: of IPv6, on an interface that is about to go down to get another name. */
  isDropped?: true
}

/** An address on one of the topology's links. */
export const address: Kind<AddressAttributes> = {
  name: 'address',
  layer: 'network',
  observedOnly: ['claimedOn', 'isDropped'],

  desired: (topology, snapshot) => [
    ...topology.subnets.flatMap(subnet => gatewaysOnBridge(subnet)),
    ...topology.veths.flatMap(pair =>
      pair.ends.flatMap(end =>
        end.addresses.map(text => {
          const place = { namespace: end.namespace, dev: end.interface, address: text }
          const now = { ...place, dev: nameNow(snapshot, pair, end) }
          const claimed =
            pair.adopt && (!isLive(snapshot, now) || isHeldBy(snapshot, topology.name, claimedAs(now)))
          return desiredAddress({ ...place, claimed }, vethId(pair), end.source)
        }),
      ),
    ),
  ],

  observed: (snapshot, topology) =>
    networksOf(snapshot).flatMap(([namespace, { links }]) =>
      links
        .filter(
          link =>
            link.name !== 'lo' && (ownsLinkIn(snapshot, topology, namespace, link) || isAdoptable(link)),
        )
        .flatMap(link =>
          link.addresses.map(live => observedAddress(snapshot, topology, namespace, link, live.address)),
        ),
    ),

  create: ({ attributes }) => [
    ...(attributes.claimed ? [claimObject(claimedAs(attributes))] : []),
    put(attributes),
  ],

  update: ({ attributes: before }, { attributes }) => [
    ...(attributes.claimed ? [claimObject(claimedAs(attributes))] : []),
    // An interface that is renamed goes down, and loses some.
    ...(before.claimedOn === undefined ? [] : [put(attributes)]),
  ],

  remove: ({ attributes }) => [
    { stage: 'configure', command: attributes.isDropped ? flush(attributes) : del(attributes) },
  ],

  onInterface: {
    interfaceOf: ({ dev }) => dev,
    renamed: (resource, to) => {
      const { dev: from, address: text } = resource.attributes
      const dropped = familyOf(text) === 'ipv6' ? { isDropped: true as const } : {}
      const renamed = { ...resource.attributes, ...dropped, dev: to }
      const attributes = renamed.claimed ? { ...renamed, claimed: false, claimedOn: from } : renamed
      return { ...resource, id: addressId(attributes), attributes }
    },
    // On adopted links there are addresses of others too.
    restored: { others: ({ address: text }) => !isIpv6LinkLocal(text) },
    disturbs: true,
  },

  claims: {
    of: ({ attributes: { claimed, claimedOn, ...place } }) =>
      claimedOn !== undefined ? [claimedAs({ ...place, dev: claimedOn })] : claimed ? [claimedAs(place)] : [],
  },

  predict: (snapshot, before, after) => {
    const place = after ?? before
    const network = place === null ? undefined : networkIn(snapshot, place.namespace)
    const link = network?.links.find(({ name }) => name === place?.dev)
    if (!place || !network || !link) return
    const has = link.addresses.some(({ address }) => address === place.address)
    if (after !== null && !has) addAddress(network, link, place.address)
    if (after === null && has) removeAddress(network, link, place.address)
  },

  title: ({ address: text }) => `address ${text}`,
  detail: ({ dev }) => `on ${dev}`,
}

function gatewaysOnBridge({ bridge, gateways, networks, source }: Subnet): Resource<AddressAttributes>[] {
  if (bridge === null) return []
  return gateways.map(gateway => {
    const network = networks.find(text => familyOf(text) === familyOf(gateway)) ?? ''
    const attributes = {
      namespace: 'host',
      dev: bridge,
      address: `${gateway}/${cidr(network).prefix}`,
      claimed: false,
    }
    return desiredAddress(attributes, bridgeId(bridge), source)
  })
}

function desiredAddress(
  attributes: AddressAttributes,
  link: string,
  source: Source,
): Resource<AddressAttributes> {
  return {
    kind: 'address',
    id: addressId(attributes),
    scope: attributes.namespace,
    attributes,
    owned: true,
    within: [link],
    reason: null,
    source,
  }
}

function observedAddress(
  snapshot: Snapshot,
  topology: string,
  namespace: string,
  link: Link,
  text: string,
): Resource<AddressAttributes> {
  const place = { namespace, dev: link.name, address: text }
  const claimed = isHeldBy(snapshot, topology, claimedAs(place))
  const adopted = [link, decisiveEnd(snapshot, namespace, link)].some(({ alias }) => readMark(alias)?.adopted)
  return {
    kind: 'address',
    id: addressId(place),
    scope: namespace,
    attributes: { ...place, claimed },
    owned: claimed || (ownsLinkIn(snapshot, topology, namespace, link) && !adopted && !isIpv6LinkLocal(text)),
    within: [linkId(namespace, link)],
    reason: null,
    source: null,
  }
}

/** A pair that nobody marked may be about to be adopted, with the addresses it has. */
function isAdoptable({ kind, alias }: Link): boolean {
  return kind === 'veth' && readMark(alias) === null
}

type AddressPlace = Pick<AddressAttributes, 'namespace' | 'dev' | 'address'>

function addressId({ namespace, dev, address: text }: AddressPlace): string {
  return `address/${namespace}/${dev}/${text}`
}

/** What the end of a pair is called by now, where the file has another name for it. */
function nameNow(snapshot: Snapshot, { ends }: Veth, end: End): string {
  const links = ({ namespace }: End) => networkIn(snapshot, namespace)?.links ?? []
  const other = ends.find(one => one !== end)
  if (!other || linkNamed(links(end), end.interface)) return end.interface
  const peer = linkNamed(links(other), other.interface)?.peer
  return (peer?.namespace === end.namespace && peer.interface) || end.interface
}

function isLive(snapshot: Snapshot, place: AddressPlace): boolean {
  const link = linkNamed(networkIn(snapshot, place.namespace)?.links ?? [], place.dev)
  return link?.addresses.some(({ address }) => address === place.address) ?? false
}

function claimedAs({ namespace, dev, address: text }: AddressPlace): Claimed {
  return { kind: 'address', scope: namespace, key: `${dev}/${text}` }
}

/** By `replace`, since it may still be there; nodad, since a tentative address would refuse connections for a second. */
function put({ namespace, dev, address: text }: AddressPlace): Operation {
  const nodad = familyOf(text) === 'ipv6' ? { nodad: true as const } : {}
  return {
    stage: 'configure',
    command: { tool: 'ip', namespace, op: 'address-replace', address: text, dev, ...nodad },
  }
}

function del({ namespace, dev, address: text }: AddressPlace): IpCommand {
  return { tool: 'ip', namespace, op: 'address-delete', address: text, dev }
}

/** The kernel has dropped it by then, unless keep_addr_on_down is set: that it is not there is no error here. */
function flush({ namespace, dev, address: text }: AddressPlace): IpCommand {
  return { tool: 'ip', namespace, op: 'address-flush', dev, to: addressOf(text) }
}
