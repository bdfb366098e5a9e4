import type { AddressAttributes } from '../../kinds/address.ts'
import type { BridgeAttributes } from '../../kinds/bridge.ts'
import type { NamespaceAttributes } from '../../kinds/namespace.ts'
import type { VethAttributes } from '../../kinds/veth.ts'
import {
  addressOf,
  BITS,
  cidr,
  contains,
  familyOf,
  formatCidr,
  isLinkLocal,
  networkOf,
} from '../../model/address.ts'
import { connectedMetric, FROM_KERNEL, LOCAL_TABLE, MAIN_TABLE } from '../../model/rtnetlink.ts'
import { networkIn } from '../../model/scope.ts'
import type { Link, NetworkState, Route, Snapshot } from '../../model/snapshot.ts'

/** A new one has its loopback and nothing else; with one that goes go both ends of its pairs. */
export function foretellNamespace(
  snapshot: Snapshot,
  before: NamespaceAttributes | null,
  after: NamespaceAttributes | null,
): void {
  if (after === null) {
    if (before === null) return
    for (const { name, peer } of snapshot.host.links.filter(link => link.peer?.namespace === before.name)) {
      if (peer) removeLink(snapshot.host, name)
    }
    delete snapshot.namespaces[before.name]
    return
  }
  const { name, group, mark, loopback = 'up' } = after
  const lo = { ...newLink('lo'), group, alias: mark, up: loopback === 'up' }
  const state = snapshot.namespaces[name]
  if (state && !state.leftover) {
    const known = state.links.find(link => link.name === 'lo')
    if (known) Object.assign(known, { group, alias: mark, up: lo.up })
    return
  }
  const fresh = { links: [lo], routes: [], rules: [], sysctls: {}, pids: [] }
  snapshot.namespaces[name] = fresh
  for (const address of ['127.0.0.1/8', '::1/128']) addAddress(fresh, lo, address)
}

export function foretellBridge(
  { host }: Snapshot,
  before: BridgeAttributes | null,
  after: BridgeAttributes | null,
): void {
  if (after === null) {
    removeLink(host, before?.name ?? '')
    return
  }
  const { name, mark, group, state, mac } = after
  const known = host.links.find(link => link.name === name) ?? addLink(host, newLink(name))
  Object.assign(known, { kind: 'bridge', alias: mark, group, up: state === 'up', mac })
}

export function foretellVeth(
  snapshot: Snapshot,
  before: VethAttributes | null,
  after: VethAttributes | null,
): void {
  if (after === null) {
    for (const end of before?.ends ?? []) removeLink(networkIn(snapshot, end.namespace), end.interface)
    return
  }
  after.ends.forEach((end, i) => {
    const network = networkIn(snapshot, end.namespace)
    const far = after.ends[1 - i]
    const was = before?.ends[i]
    if (!network || !far) return
    if (was && was.interface !== end.interface) rename(network, was.interface, end.interface)
    const known =
      network.links.find(link => link.name === end.interface) ?? addLink(network, newLink(end.interface))
    Object.assign(known, {
      ...{ kind: 'veth', alias: end.mark, group: end.group, up: end.state === 'up' },
      ...{ mtu: end.mtu ?? known.mtu, hairpin: end.hairpin ?? known.hairpin },
      ...(end.master === undefined ? {} : { master: end.master }),
      peer: { namespace: far.namespace, interface: far.interface },
    })
  })
}

export function foretellAddress(
  snapshot: Snapshot,
  before: AddressAttributes | null,
  after: AddressAttributes | null,
): void {
  const place = after ?? before
  const network = place === null ? undefined : networkIn(snapshot, place.namespace)
  const link = network?.links.find(({ name }) => name === place?.dev)
  if (!place || !network || !link) return
  const has = link.addresses.some(({ address }) => address === place.address)
  if (after !== null && !has) addAddress(network, link, place.address)
  if (after === null && has) removeAddress(network, link, place.address)
}

/** The kernel makes a local route of each address, and one to its network. */
function addAddress(network: NetworkState, link: Link, address: string): void {
  const value = cidr(address)
  link.addresses.push({
    address,
    scope: isLinkLocal(value) ? 'link' : link.name === 'lo' ? 'host' : 'global',
    tentative: false,
  })
  const { family } = value
  const base = { family, via: null, dev: link.name, protocol: FROM_KERNEL, source: null }
  const single = `${addressOf(address)}/${BITS[family]}`
  // The whole of 127.0.0.0/8 is the place itself.
  const to = link.name === 'lo' ? formatCidr(networkOf(value)) : single
  const source = family === 'ipv4' ? addressOf(address) : null
  network.routes.push({ ...base, to, table: LOCAL_TABLE, metric: 0, type: 'local', source })
  if (link.name === 'lo' || formatCidr(value) === single) return
  network.routes.push({
    ...base,
    to: formatCidr(networkOf(value)),
    table: MAIN_TABLE,
    metric: connectedMetric(family),
    type: 'unicast',
    source,
  })
}

function removeAddress(network: NetworkState, link: Link, address: string): void {
  link.addresses = link.addresses.filter(live => live.address !== address)
  const value = cidr(address)
  const connected = formatCidr(networkOf(value))
  const stillThere = link.addresses.some(live => formatCidr(networkOf(cidr(live.address))) === connected)
  const bare = addressOf(address)
  network.routes = network.routes.filter(route => {
    if (route.dev !== link.name || route.family !== familyOf(address)) return true
    if (route.table === LOCAL_TABLE) return !route.to.startsWith(`${bare}/`)
    return stillThere || (!isConnected(route, connected) && !leadsInto(route, value))
  })
}

function isConnected({ to, via, protocol }: Route, network: string): boolean {
  return to === network && via === null && protocol === FROM_KERNEL
}

/** What goes by a gateway goes with the network that the gateway is in. */
function leadsInto({ via }: Route, network: ReturnType<typeof cidr>): boolean {
  return via !== null && contains(network, cidr(via))
}

function removeLink(network: NetworkState | undefined, name: string): void {
  if (!network) return
  network.links = network.links
    .filter(link => link.name !== name)
    .map(link => (link.master === name ? { ...link, master: null } : link))
  network.routes = network.routes.filter(({ dev }) => dev !== name)
}

function rename(network: NetworkState, from: string, to: string): void {
  for (const link of network.links) if (link.name === from) link.name = to
  for (const route of network.routes) if (route.dev === from) route.dev = to
}

function addLink(network: NetworkState, link: Link): Link {
  network.links.push(link)
  return link
}

function newLink(name: string): Link {
  return {
    ...{ index: 0, name, kind: null, up: true, mtu: 1500, mac: '', group: 0, alias: null, master: null },
    ...{ peer: null, addresses: [], qdisc: null, hairpin: false },
  }
}
