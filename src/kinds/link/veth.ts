import { subnetNamed } from '../../model/host/by-name.ts'
import { KERNEL_MTU } from '../../model/host/rtnetlink.ts'
import { networkIn, networksOf } from '../../model/host/scope.ts'
import type { Link, Snapshot } from '../../model/host/snapshot.ts'
import { adoptedMarkOf, groupOf, markOf, readMark } from '../../model/ownership.ts'
import { isCreatedByInterrupted } from '../../model/plan/created-by-interrupted.ts'
import type { Resource } from '../../model/plan/resource.ts'
import type { End, Subnet, Topology, Veth } from '../../model/topology.ts'
import type { Kind } from '../kind.ts'
import { namespaceOwner } from '../namespace.ts'
import { linkIn, removeLink, renameLink } from '../predict/links.ts'
import { bearsMarks, ownsLink, shown } from './link.ts'
import { halfId, inOrder, type LinkPlace, vethId } from './link-id.ts'
import { carriesIpv6, hasKernelsLinkLocal, linkLocalOf, linkLocalsOf } from './link-local.ts'
import { createPair, type EndAttributes, type Ends, removePair, updatePair } from './veth-commands.ts'

export type VethAttributes = { ends: Ends }

/** A veth pair, listed at its first end in a namespace. Identity is its two (namespace, interface). */
export const veth: Kind<VethAttributes> = {
  name: 'veth',
  layer: 'link',

  desired: (topology: Topology) => topology.veths.map(pair => desiredVeth(topology, pair)),

  observed: (snapshot, topology) => [
    ...pairsOf(snapshot).map(pair => observedVeth(snapshot, topology, pair)),
    ...snapshot.host.links.filter(link => isHalf(topology, link)).map(half),
  ],

  create: ({ attributes: { ends } }) => createPair(ends),
  update: (before, after) => updatePair(before.attributes.ends, after.attributes.ends),

  // The near end is the identity and the far end may be renamed in place; another namespace is another pair.
  whyReplace: (before, after) => {
    const [was, is] = [before.attributes.ends[1], after.attributes.ends[1]]
    return was.namespace === is.namespace
      ? null
      : `its other end moves from ${was.namespace} to ${is.namespace}`
  },

  remove: ({ attributes: { ends } }) => removePair(ends),

  link: {
    interfaces: ({ ends }) => ends.map(({ namespace, interface: name }) => ({ namespace, interface: name })),
  },

  giveBack: {
    left: ({ attributes: { ends } }) =>
      ends.some(end => readMark(end.mark)?.adopted)
        ? { attributes: { ends: unmarked(ends) }, reason: 'adopted: given back, not deleted' }
        : null,
    inForce: ({ ends }, snapshot) =>
      ends.every(end => bearsMarks(end, networkIn(snapshot, end.namespace)?.links, end.interface)),
  },

  predict: predictVeth,

  title: ({ ends: [near, far] }) => `veth ${near.interface} <-> ${far.namespace}:${far.interface}`,
  detail: ({ ends: [near] }) => (near.mtu === undefined ? '' : `mtu ${near.mtu}`),
  differences: (before, after) =>
    after.ends.flatMap((end, i) => {
      const was = before.ends[i]
      const names = Object.keys(end) as (keyof EndAttributes)[]
      const place = `${end.namespace}:${end.interface}`
      return names
        .filter(name => was && String(was[name] ?? '') !== String(end[name] ?? ''))
        .map(name => `${place} ${name} ${shown(was?.[name])} -> ${shown(end[name])}`)
    }),
}

function desiredVeth(topology: Topology, pair: Veth): Resource<VethAttributes> {
  const subnet = subnetNamed(topology.subnets, pair.subnet ?? '')
  const [near, far] = inOrder(pair.ends)
  const attributesOf = (end: End): EndAttributes => ({
    namespace: end.namespace,
    interface: end.interface,
    mark: pair.adopt ? adoptedMarkOf(topology.name) : markOf(topology.name),
    group: groupOf(topology.name),
    state: 'up',
    ...(pair.adopt && end.mtu === null ? {} : { mtu: end.mtu ?? KERNEL_MTU }),
    ...(end.mac === null ? {} : { mac: end.mac }),
    ...(end.namespace === 'host' ? portSettings(subnet, pair.adopt) : {}),
    ...(pair.adopt ? {} : linkLocalSettings(topology, end)),
  })
  return {
    kind: 'veth',
    id: vethId(pair),
    scope: near.namespace,
    attributes: { ends: [attributesOf(near), attributesOf(far)] },
    owned: true,
    within: [],
    reason: null,
    source: pair.source,
  }
}

/** Where no segment asks for an adopted end, it stays the port that it is, whosever bridge that is. */
function portSettings(subnet: Subnet | undefined, adopted: boolean): Partial<EndAttributes> {
  if (adopted && !subnet?.bridge) return {}
  return subnet?.bridge ? { master: subnet.bridge, hairpin: true } : { master: null }
}

/** A port of a bridge, and the host's end of a subnet without IPv6, have none; the kernel's choice stays elsewhere. */
function linkLocalSettings(topology: Topology, end: End): Partial<EndAttributes> {
  if (!carriesIpv6(end.mtu)) return {}
  if (end.addresses.some(address => address.includes(':'))) {
    return { linkLocal: [linkLocalOf(topology.name, end.namespace, end.interface)] }
  }
  return end.namespace === 'host' ? { linkLocal: [] } : {}
}

/** Only the marks go: to write MAC and MTU as they are would turn what the kernel chose into somebody's choice. */
function unmarked(ends: Ends): Ends {
  return ends.map(({ namespace, interface: name, state }) => ({
    ...{ namespace, interface: name, state },
    ...{ mark: null, group: 0 },
  })) as Ends
}

function predictVeth(snapshot: Snapshot, before: VethAttributes | null, after: VethAttributes | null): void {
  if (after === null) {
    for (const end of before?.ends ?? []) removeLink(networkIn(snapshot, end.namespace), end.interface)
    return
  }
  after.ends.forEach((end, i) => {
    const network = networkIn(snapshot, end.namespace)
    const far = after.ends[1 - i]
    const was = before?.ends[i]
    if (!network || !far) return
    if (was && was.interface !== end.interface) renameLink(network, was.interface, end.interface)
    const link = linkIn(network, end.interface)
    if (link.altnames) link.altnames = link.altnames.filter(name => name !== end.interface)
    Object.assign(link, {
      ...{ kind: 'veth', alias: end.mark, group: end.group, up: end.state === 'up' },
      ...{ mtu: end.mtu ?? link.mtu, hairpin: end.hairpin ?? link.hairpin },
      ...(end.master === undefined ? {} : { master: end.master }),
      peer: { namespace: far.namespace, interface: far.interface },
    })
  })
}

type Pair = [LiveEnd, LiveEnd]
type LiveEnd = LinkPlace & { link: Link }

/** Every veth pair with both ends in reach of a name, each once. */
function pairsOf(snapshot: Snapshot): Pair[] {
  const ends = new Map<string, LiveEnd>()
  for (const [scope, { links }] of networksOf(snapshot)) {
    for (const link of links) {
      if (link.kind === 'veth')
        ends.set(`${scope}:${link.name}`, { namespace: scope, interface: link.name, link })
    }
  }
  return [...ends].flatMap(([key, end]) => {
    const { peer } = end.link
    const other = peer && ends.get(`${peer.namespace}:${peer.interface}`)
    if (!other) return []
    const [near] = inOrder([end, other])
    return `${near.namespace}:${near.interface}` === key ? [inOrder([end, other])] : []
  })
}

function observedVeth(snapshot: Snapshot, topology: string, [near, far]: Pair): Resource<VethAttributes> {
  const id = vethId({ ends: [near, far] })
  const vouched = isCreatedByInterrupted(snapshot, topology, id)
  // The host's end decides where there is one: what is inside a namespace, its tenants can mark as they like.
  const { link } = far
  const owned =
    ownsLink(topology, link) &&
    (link.alias !== null || vouched) &&
    (far.namespace === 'host' || namespaceOwner(snapshot, far.namespace) === topology || vouched)
  const attributesOf = ({ namespace, interface: name, link }: LiveEnd): EndAttributes => ({
    namespace,
    interface: name,
    ...(link.altnames ? { altnames: link.altnames.toSorted() } : {}),
    mark: link.alias,
    group: link.group,
    state: link.up ? 'up' : 'down',
    mtu: link.mtu,
    mac: link.mac,
    // So that a rollback leaves it to the kernel again.
    ...((namespace !== 'host' && hasKernelsLinkLocal(link)) || !carriesIpv6(link.mtu)
      ? {}
      : { linkLocal: linkLocalsOf(link) }),
    ...(namespace === 'host' ? { master: link.master, hairpin: link.hairpin } : {}),
  })
  return {
    kind: 'veth',
    id,
    scope: near.namespace,
    attributes: { ends: [attributesOf(near), attributesOf(far)] },
    owned,
    within: [],
    reason: null,
    source: null,
  }
}

/**
 * The host's end of a pair of the topology whose other end is out of reach: its namespace lost its name while something
 * still lives in it. It would be in the way of the pair that is to be made anew.
 */
function isHalf(topology: string, { kind, alias, group, peer }: Link): boolean {
  const mark = readMark(alias)
  const ours = mark?.topology === topology && !mark.adopted && group === groupOf(topology)
  return kind === 'veth' && peer?.namespace === null && ours
}

function half(link: Link): Resource<VethAttributes> {
  const end = {
    namespace: 'host',
    interface: link.name,
    mark: link.alias,
    group: link.group,
    state: link.up ? ('up' as const) : ('down' as const),
  }
  return {
    kind: 'veth',
    id: halfId(link.name),
    scope: 'host',
    attributes: { ends: [{ ...end, namespace: '(no name)', interface: '?' }, end] },
    owned: true,
    within: [],
    reason: 'its other end is in a namespace that has no name any more',
    source: null,
  }
}
