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
import { connectedMetric, FROM_KERNEL, LOCAL_TABLE, MAIN_TABLE } from '../../model/host/rtnetlink.ts'
import type { Link, NetworkState, Route } from '../../model/host/snapshot.ts'

/** The link of a name, made where there is none yet. */
export function linkIn(network: NetworkState, name: string): Link {
  const known = network.links.find(link => link.name === name)
  if (known) return known
  const made = newLink(name)
  network.links.push(made)
  return made
}

function newLink(name: string): Link {
  return {
    ...{ index: 0, name, kind: null, up: true, mtu: 1500, mac: '', group: 0, alias: null, master: null },
    ...{ peer: null, addresses: [], qdisc: null, hairpin: false },
  }
}

/** With a link go its routes and its settings; its ports are ports of nothing. */
export function removeLink(network: NetworkState | undefined, name: string): void {
  if (!network) return
  network.links = network.links
    .filter(link => link.name !== name)
    .map(link => (link.master === name ? { ...link, master: null } : link))
  network.routes = network.routes.filter(({ dev }) => dev !== name)
  for (const [family, key] of settingsOf(network, name)) delete network.sysctls[settingKey(family, name, key)]
}

/** What is configured on a link stays with it under its new name. */
export function renameLink(network: NetworkState, from: string, to: string): void {
  for (const link of network.links) if (link.name === from) link.name = to
  for (const route of network.routes) if (route.dev === from) route.dev = to
  for (const [family, key] of settingsOf(network, from)) {
    const old = settingKey(family, from, key)
    network.sysctls[settingKey(family, to, key)] = network.sysctls[old] ?? ''
    delete network.sysctls[old]
  }
}

/** The settings that a link has of its own: `net/ipv4/conf/eth0/forwarding`. */
function settingsOf({ sysctls }: NetworkState, name: string): [family: string, key: string][] {
  return Object.keys(sysctls).flatMap(path => {
    const [net, family = '', conf, link, ...key] = path.split('/')
    return net === 'net' && conf === 'conf' && link === name ? [[family, key.join('/')]] : []
  })
}

function settingKey(family: string, link: string, key: string): string {
  return `net/${family}/conf/${link}/${key}`
}

/** The kernel makes a local route of each address, and one to its network. */
export function addAddress(network: NetworkState, link: Link, address: string): void {
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

export function removeAddress(network: NetworkState, link: Link, address: string): void {
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
