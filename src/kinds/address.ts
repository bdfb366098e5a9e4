import { cidr, familyOf } from '../model/address.ts'
import type { Source } from '../model/diagnostic.ts'
import { linkNamed } from '../model/named.ts'
import { readMark } from '../model/ownership.ts'
import type { Operation } from '../model/plan.ts'
import type { Resource } from '../model/resource.ts'
import type { Link, Snapshot } from '../model/snapshot.ts'
import type { End, Subnet, Veth } from '../model/topology.ts'
import { bridgeId } from './bridge.ts'
import type { Kind } from './kind.ts'
import { isIpv6LinkLocal } from './link-local.ts'
import { decisiveEnd, ownsLinkIn } from './namespace.ts'
import { vethId, vethIdOfLink } from './veth.ts'

type AddressAttributes = {
  namespace: string
  dev: string
  address: string
  /** On an adopted link: nsctl's only by a claim, since every other address on it is the host's. */
  claimed: boolean
  /** Observed only: the interface under whose name it is claimed, which is about to get another one. */
  claimedOn?: string
}

/** An address on one of the topology's links. */
export const address: Kind<AddressAttributes> = {
  name: 'address',
  observedOnly: ['claimedOn'],

  desired: (topology, snapshot) => [
    ...topology.subnets.flatMap(subnet => gatewaysOnBridge(subnet)),
    ...topology.veths.flatMap(pair =>
      pair.ends.flatMap(end =>
        end.addresses.map(text => {
          const place = { namespace: end.namespace, dev: end.interface, address: text }
          const now = { ...place, dev: nameNow(snapshot, pair, end) }
          const claimed = pair.adopt && (!isLive(snapshot, now) || isClaimed(snapshot, topology.name, now))
          return desiredAddress({ ...place, claimed }, vethId(pair), end.source)
        }),
      ),
    ),
  ],

  observed: (snapshot, topology) =>
    scopesOf(snapshot).flatMap(([namespace, links]) =>
      links
        .filter(
          link =>
            link.name !== 'lo' && (ownsLinkIn(snapshot, topology, namespace, link) || isAdoptable(link)),
        )
        .flatMap(link =>
          link.addresses.map(live => observedAddress(snapshot, topology, namespace, link, live.address)),
        ),
    ),

  create: ({ attributes }) => [...(attributes.claimed ? [claim(attributes)] : []), put(attributes)],

  update: ({ attributes: { claimedOn } }, { attributes }) => [
    ...(attributes.claimed ? [claim(attributes)] : []),
    // An interface that is renamed goes down, and loses some.
    ...(claimedOn === undefined ? [] : [put(attributes), release({ ...attributes, dev: claimedOn })]),
  ],

  remove: ({ attributes: { claimedOn, ...attributes } }) => [
    { stage: 'configure', command: ip(attributes, ['del', attributes.address, 'dev', attributes.dev]) },
    ...(attributes.claimed ? [release(attributes)] : []),
    ...(claimedOn === undefined ? [] : [release({ ...attributes, dev: claimedOn })]),
  ],

  renamed: (resource, { scope, from, to }) => {
    if (resource.scope !== scope || resource.attributes.dev !== from) return resource
    const renamed = { ...resource.attributes, dev: to }
    const attributes = renamed.claimed ? { ...renamed, claimed: false, claimedOn: from } : renamed
    return { ...resource, id: addressId(attributes), attributes }
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
  const claimed = isClaimed(snapshot, topology, place)
  const adopted = [link, decisiveEnd(snapshot, namespace, link)].some(({ alias }) => readMark(alias)?.adopted)
  return {
    kind: 'address',
    id: addressId(place),
    scope: namespace,
    attributes: { ...place, claimed },
    owned: claimed || (ownsLinkIn(snapshot, topology, namespace, link) && !adopted && !isIpv6LinkLocal(text)),
    within: [link.kind === 'bridge' ? bridgeId(link.name) : vethIdOfLink(namespace, link)],
    reason: null,
    source: null,
  }
}

/** A pair that nobody marked may be about to be adopted, with the addresses it has. */
function isAdoptable({ kind, alias }: Link): boolean {
  return kind === 'veth' && readMark(alias) === null
}

type Place = Pick<AddressAttributes, 'namespace' | 'dev' | 'address'>

function addressId({ namespace, dev, address: text }: Place): string {
  return `address/${namespace}/${dev}/${text}`
}

/** What the end of a pair is called by now, where the file has another name for it. */
function nameNow({ host, namespaces }: Snapshot, { ends }: Veth, end: End): string {
  const linksOf = (namespace: string) => (namespace === 'host' ? host : namespaces[namespace])?.links ?? []
  const other = ends.find(one => one !== end)
  if (!other || linkNamed(linksOf(end.namespace), end.interface)) return end.interface
  const peer = linkNamed(linksOf(other.namespace), other.interface)?.peer
  return (peer?.namespace === end.namespace && peer.interface) || end.interface
}

function isLive(snapshot: Snapshot, place: Place): boolean {
  return scopesOf(snapshot).some(
    ([namespace, links]) =>
      namespace === place.namespace &&
      links.some(
        link => link.name === place.dev && link.addresses.some(live => live.address === place.address),
      ),
  )
}

function isClaimed(snapshot: Snapshot, topology: string, place: Place): boolean {
  return snapshot.claims.some(
    claim =>
      claim.kind === 'address' &&
      claim.scope === place.namespace &&
      claim.key === claimKey(place) &&
      claim.holders.includes(topology),
  )
}

function scopesOf(snapshot: Snapshot): [string, Link[]][] {
  const namespaces = Object.entries(snapshot.namespaces).map(([name, { links }]): [string, Link[]] => [
    name,
    links,
  ])
  return [['host', snapshot.host.links], ...namespaces]
}

function claimKey({ dev, address: text }: Place): string {
  return `${dev}/${text}`
}

function claim(place: Place): Operation {
  const key = claimKey(place)
  const command = {
    tool: 'claim',
    kind: 'address',
    scope: place.namespace,
    key,
    before: null,
    set: key,
  } as const
  return { stage: 'claim', command: { ...command, allForwarding: null } }
}

function put({ namespace, dev, address: text }: Place): Operation {
  // `replace` so that an address which went with its primary can be put back without asking whether it did; nodad
  // because both ends are ours and a tentative address would refuse connections for a second.
  const nodad = familyOf(text) === 'ipv6' ? ['nodad'] : []
  return {
    stage: 'configure',
    command: { tool: 'ip', namespace, args: ['addr', 'replace', text, 'dev', dev, ...nodad] },
  }
}

function release(place: Place): Operation {
  return {
    stage: 'release',
    command: { tool: 'release', kind: 'address', scope: place.namespace, key: claimKey(place) },
  }
}

function ip({ namespace }: Place, args: string[]): Operation['command'] {
  return { tool: 'ip', namespace, args: ['addr', ...args] }
}
