import {
  addressOf,
  cidr,
  contains,
  type Family,
  familyOf,
  isUsable,
  usableAddresses,
} from '../model/address.ts'
import { linkCalled, linkNamed } from '../model/host/by-name.ts'
import type { Link, Snapshot } from '../model/host/snapshot.ts'
import { groupOf } from '../model/ownership.ts'
import type { End, Subnet, Topology, Veth } from '../model/topology.ts'
import { defaultUplinks } from './default-uplinks.ts'

/**
 * Fills what only the live host can say: which interfaces `default` and altnames stand for, and the addresses that were
 * left to nsctl. The result names no `default` and every end has an address of each family of its subnet, if one is free.
 */
export function resolveTopology(topology: Topology, snapshot: Snapshot): Topology {
  const defaults = defaultUplinks(snapshot, topology)
  const named = (name: string) => linkCalled(snapshot.host.links, name)?.name ?? name
  const expand = (uplinks: string[]) =>
    unique(uplinks.flatMap(uplink => (uplink === 'default' ? defaults : [named(uplink)])))
  const { default: ofDefault, ...sources } = topology.uplinkSources
  const uplinkSources = Object.fromEntries(
    Object.entries(sources).map(([name, source]) => [named(name), source]),
  )
  const veths = drawAddresses(topology, snapshot)
  return {
    ...topology,
    uplinks: expand(topology.uplinks),
    uplinkSources: ofDefault === undefined ? uplinkSources : { default: ofDefault, ...uplinkSources },
    hostRoutes: topology.hostRoutes.map(route => ({
      ...route,
      dev: route.dev === null ? null : named(route.dev),
    })),
    subnets: topology.subnets.map(subnet => ({ ...subnet, uplinks: expand(subnet.uplinks) })),
    forwards: topology.forwards.map(forward => ({ ...forward, uplinks: expand(forward.uplinks) })),
    veths,
  }
}

/** Draws the addresses that a host without any of it yet would give; `default` stays what it is. */
export function resolveOffline(topology: Topology): Topology {
  return { ...topology, veths: drawAddresses(topology, { host: { links: [] }, namespaces: {} }) }
}

/** As much of the live host as keeps an end its address. */
interface LiveLinks {
  host: { links: Link[] }
  namespaces: Record<string, { links: Link[] }>
}

/**
 * An owned end keeps its live address while that is valid and nobody else claims it, so that an edit elsewhere in the
 * file renumbers nothing; a new end draws the lowest free one, in file order.
 */
function drawAddresses(topology: Topology, live: LiveLinks): Veth[] {
  const subnets = new Map(topology.subnets.map(subnet => [subnet.name, subnet]))
  const taken = reserved(topology)
  const automatic = topology.veths.flatMap(veth =>
    veth.ends.flatMap(end => end.automatic.map(family => ({ veth, end, family }))),
  )
  const drawn = new Map<End, string[]>()
  const give = (end: End, subnet: string, address: string) => {
    taken.get(subnet)?.add(addressOf(address))
    drawn.set(end, [...(drawn.get(end) ?? []), address])
  }

  const unsettled = automatic.filter(({ veth, end, family }) => {
    const subnet = subnets.get(veth.subnet ?? '')
    const network = subnet && networkOfFamily(subnet, family)
    if (!subnet || !network) return false
    const kept = liveAddress(topology, live, end, network)
    if (kept === null || taken.get(subnet.name)?.has(addressOf(kept))) return true
    give(end, subnet.name, kept)
    return false
  })
  for (const { veth, end, family } of unsettled) {
    const subnet = subnets.get(veth.subnet ?? '')
    const network = subnet && networkOfFamily(subnet, family)
    if (!subnet || !network) continue
    const free = lowestFree(network, taken.get(subnet.name) ?? new Set())
    if (free !== null) give(end, subnet.name, free)
  }
  return topology.veths.map(veth => ({
    ...veth,
    ends: veth.ends.map(end => withAddresses(end, drawn.get(end) ?? [])) as [End, End],
  }))
}

function withAddresses(end: End, drawn: string[]): End {
  if (drawn.length === 0) return end
  const families = drawn.map(familyOf)
  return {
    ...end,
    addresses: [...end.addresses, ...drawn],
    automatic: end.automatic.filter(family => !families.includes(family)),
  }
}

/** Addresses nobody may draw, by subnet: the gateways and every explicit one. */
function reserved({ subnets, veths }: Topology): Map<string, Set<string>> {
  const taken = new Map(subnets.map(({ name, gateways }) => [name, new Set(gateways)]))
  for (const { subnet, ends } of veths) {
    const own = taken.get(subnet ?? '')
    for (const address of ends.flatMap(end => end.addresses)) own?.add(addressOf(address))
  }
  return taken
}

function liveAddress(topology: Topology, live: LiveLinks, end: End, network: string): string | null {
  const link = linkOf(live, end)
  if (!link || link.group !== groupOf(topology.name)) return null
  const range = cidr(network)
  const kept = link.addresses.find(({ address }) => {
    const value = cidr(address)
    return contains(range, value) && value.prefix === range.prefix && isUsable(range, value)
  })
  return kept?.address ?? null
}

function linkOf(live: LiveLinks, end: End): Link | undefined {
  const state = end.namespace === 'host' ? live.host : live.namespaces[end.namespace]
  return state && linkNamed(state.links, end.interface)
}

function networkOfFamily(subnet: Subnet, family: Family): string | undefined {
  return subnet.networks.find(network => familyOf(network) === family)
}

function lowestFree(network: string, taken: Set<string>): string | null {
  const range = cidr(network)
  for (const address of usableAddresses(range)) {
    if (!taken.has(address)) return `${address}/${range.prefix}`
  }
  return null
}

function unique<T>(items: T[]): T[] {
  return [...new Set(items)]
}
