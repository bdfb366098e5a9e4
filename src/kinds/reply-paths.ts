import type { ReplyMarks } from '../firewall/replies.ts'
import { FAMILIES, type Family, familyOf } from '../model/address.ts'
import { subnetNamed } from '../model/named.ts'
import { ROUTE_PROTOCOL } from '../model/ownership.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { End, Topology } from '../model/topology.ts'
import { hostInterfaces } from './forwarding.ts'

/** A way back to where a connection came from: a rule that selects a table, and the default route in it. */
export interface ReplyPath {
  scope: string
  family: Family
  table: number
  priority: number
  selector: { from: string } | { fwmark: string; fwmask: string }
  gateway: string | null
  dev: string
  end: End | null
}

const MAIN_TABLE = 254
const PRIORITY = 1100
/** Tables of uplinks by interface index, and of a namespace's ends by name: far from those people number by hand. */
const UPLINK_TABLES = 110_000
const END_TABLES = 1_000_000

/** All ways back that a topology needs, inside its namespaces and on the host. */
export function replyPaths(topology: Topology, snapshot: Snapshot): ReplyPath[] {
  return [...endPaths(topology), ...uplinkPaths(topology, snapshot)]
}

/** Ends of a namespace beside the one with its default route: what comes in there has to leave there. */
function endPaths(topology: Topology): ReplyPath[] {
  return topology.veths.flatMap(pair => {
    const subnet = subnetNamed(topology.subnets, pair.subnet ?? '')
    const toHost = subnet?.bridge != null || pair.ends.some(({ namespace }) => namespace === 'host')
    if (!subnet || !toHost) return []
    return pair.ends
      .filter(({ namespace }) => namespace !== 'host')
      .flatMap(end =>
        FAMILIES.flatMap(family => {
          const gateway = subnet.gateways.find(text => familyOf(text) === family)
          if (gateway === undefined || end.defaultRoute.includes(family)) return []
          const table = tableOfEnd(end.interface)
          const place = { scope: end.namespace, family, table, gateway, dev: end.interface, end }
          return end.addresses
            .filter(text => familyOf(text) === family)
            .map(text => ({
              ...place,
              priority: PRIORITY,
              selector: { from: text.replace(/\/.*/, family === 'ipv4' ? '/32' : '/128') },
            }))
        }),
      )
  })
}

/** A name is the identity of an end, so its table is the same in every edit. */
function tableOfEnd(name: string): number {
  let hash = 0
  for (const character of name) hash = (hash * 31 + character.charCodeAt(0)) % END_TABLES
  return END_TABLES + hash
}

/** Uplinks where there are several: a reply leaves through the one its connection came in by. */
function uplinkPaths(topology: Topology, snapshot: Snapshot): ReplyPath[] {
  const mask = marksOf(topology, snapshot)
  if (mask === null) return []
  const families = new Set(hostInterfaces(topology).flatMap(link => link.families))
  return [...mask.marks].flatMap(([uplink, mark]) =>
    [...families].flatMap(family => {
      const route = defaultRouteOf(snapshot, uplink, family)
      const index = snapshot.host.links.find(({ name }) => name === uplink)?.index
      if (!route || index === undefined) return []
      const selector = { fwmark: hex(mark), fwmask: hex(mask.mask) }
      const table = UPLINK_TABLES + index
      return [
        {
          scope: 'host',
          family,
          table,
          priority: PRIORITY,
          selector,
          gateway: route.via,
          dev: uplink,
          end: null,
        },
      ]
    }),
  )
}

/** Marks for the uplinks, by interface index so that every topology on the host uses the same; null for one uplink. */
export function marksOf(topology: Topology, snapshot: Snapshot): ReplyMarks | null {
  const inbound = topology.forwards.length > 0 || topology.allows.some(({ from }) => from.kind === 'outside')
  if (topology.uplinks.length < 2 || !inbound) return null
  const shift = freeByte(snapshot)
  const marks = topology.uplinks.flatMap((uplink): [string, number][] => {
    const index = snapshot.host.links.find(({ name }) => name === uplink)?.index
    const reachable = FAMILIES.some(family => defaultRouteOf(snapshot, uplink, family))
    return index !== undefined && index < 256 && reachable ? [[uplink, (index << shift) >>> 0]] : []
  })
  return { mask: (0xff << shift) >>> 0, marks: new Map(marks) }
}

function defaultRouteOf(snapshot: Snapshot, dev: string, family: Family) {
  return snapshot.host.routes
    .filter(
      route =>
        route.family === family && route.dev === dev && route.to.endsWith('/0') && route.table === MAIN_TABLE,
    )
    .toSorted((a, b) => a.metric - b.metric)[0]
}

/** The byte of the mark that nobody on this host uses; those at the ends first, others take bits in the middle. */
function freeByte(snapshot: Snapshot): number {
  const used = usedBits(snapshot)
  return [24, 0, 16, 8].find(shift => (((0xff << shift) >>> 0) & used) >>> 0 === 0) ?? 24
}

function usedBits({ firewall, host }: Snapshot): number {
  const rules = [firewall, firewall.other]
    .flatMap(({ ipv4, ipv6 }) => [...ipv4, ...ipv6])
    .flatMap(table => table.chains.filter(({ name }) => !name.startsWith('NSCTL-')))
    .flatMap(chain => chain.rules)
    .flatMap(rule => [
      ...rule.matchAll(/--(?:mark|set-x?mark|or-mark|nfmask|ctmask) (0x[0-9a-f]+)(?:\/(0x[0-9a-f]+))?/g),
    ])
    .map(([, value, mask]) => Number(mask ?? value))
  const selectors = host.rules
    .filter(({ protocol }) => protocol !== ROUTE_PROTOCOL)
    .flatMap(({ selector }) =>
      selector.fwmark === undefined ? [] : [Number(selector.fwmask ?? selector.fwmark)],
    )
  // A mask of all bits says that the value counts, not that every bit is somebody's.
  return [...rules, ...selectors]
    .filter(bits => bits !== 0xffffffff)
    .reduce((all, bits) => (all | bits) >>> 0, 0)
}

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`
}
