import { parseRules } from '../../firewall/codec/rule.ts'
import { hex } from '../../firewall/match.ts'
import type { ReplyMarks } from '../../firewall/replies.ts'
import { ownChain } from '../../firewall/roles.ts'
import { cidr, DEFAULT_ROUTE, FAMILIES, type Family, familyOf, isLinkLocal } from '../../model/address.ts'
import { linkNamed, subnetNamed } from '../../model/host/by-name.ts'
import { tablesOf } from '../../model/host/iptables.ts'
import { MAIN_TABLE } from '../../model/host/rtnetlink.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import { ROUTE_PROTOCOL } from '../../model/ownership.ts'
import type { End, Topology } from '../../model/topology.ts'
import { hostInterfaces } from '../settings/forwarding.ts'

/** A way back to where a connection came from: a rule that selects a table, and the routes in it. */
export interface ReplyPath {
  scope: string
  family: Family
  table: number
  priority: number
  selector: { from: string } | { fwmark: string; fwmask: string }
  dev: string
  /** What is behind `dev`: its neighbours, who must be answered directly, and by default everything. */
  routes: Hop[]
  end: End | null
}

interface Hop {
  to: string
  via: string | null
}

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
          const networks = subnet.networks.filter(network => familyOf(network) === family)
          const routes = [
            ...networks.map((to): Hop => ({ to, via: null })),
            { to: DEFAULT_ROUTE[family], via: gateway },
          ]
          const place = { scope: end.namespace, family, table, dev: end.interface, routes, end }
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
      const index = linkNamed(snapshot.host.links, uplink)?.index
      if (!defaultRouteOf(snapshot, uplink, family) || index === undefined) return []
      const routes = routesOf(snapshot, uplink, family)
      const selector = { fwmark: hex(mark), fwmask: hex(mask.mask) }
      const table = UPLINK_TABLES + index
      return [
        {
          scope: 'host',
          family,
          table,
          priority: PRIORITY,
          selector,
          dev: uplink,
          routes,
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
    const index = linkNamed(snapshot.host.links, uplink)?.index
    const reachable = FAMILIES.some(family => defaultRouteOf(snapshot, uplink, family))
    return index !== undefined && index < 256 && reachable ? [[uplink, (index << shift) >>> 0]] : []
  })
  return { mask: (0xff << shift) >>> 0, marks: new Map(marks) }
}

function defaultRouteOf(snapshot: Snapshot, dev: string, family: Family): Hop | undefined {
  return routesOf(snapshot, dev, family).find(({ to }) => to === DEFAULT_ROUTE[family])
}

/** The routes of the main table through an interface, for each destination the one that is preferred. */
function routesOf({ host }: Snapshot, dev: string, family: Family): Hop[] {
  const routes = host.routes
    .filter(
      route =>
        route.family === family &&
        route.dev === dev &&
        route.table === MAIN_TABLE &&
        route.type === 'unicast' &&
        !isLinkLocal(cidr(route.to)),
    )
    .toSorted((a, b) => a.metric - b.metric)
  const preferred = new Map(routes.toReversed().map(({ to, via }) => [to, via]))
  // What is connected comes first: the gateways are there.
  const rank = ({ to, via }: Hop) => `${via === null ? 0 : 1} ${to}`
  return [...preferred].map(([to, via]) => ({ to, via })).toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
}

/** The byte of the mark that nobody on this host uses; those at the ends first, others take bits in the middle. */
function freeByte(snapshot: Snapshot): number {
  const used = usedBits(snapshot)
  return [24, 0, 16, 8].find(shift => (((0xff << shift) >>> 0) & used) >>> 0 === 0) ?? 24
}

/** Those of matches and targets that name a mark, or bits of one. */
const MARK_OPTIONS = new Set(['--mark', '--set-mark', '--set-xmark', '--or-mark', '--nfmask', '--ctmask'])

function usedBits({ firewall, host }: Snapshot): number {
  const rules = tablesOf(firewall)
    .flatMap(table => table.chains.filter(({ name }) => ownChain(name) === null))
    .flatMap(chain => parseRules(chain.rules))
    .flatMap(({ options, target }) => [...options, ...(target?.options ?? [])])
    .filter(({ name }) => MARK_OPTIONS.has(name))
    .map(({ values: [text = ''] }) => bitsOf(...(text.split('/') as [string, string?])))
  const selectors = host.rules
    .filter(({ protocol }) => protocol !== ROUTE_PROTOCOL)
    .flatMap(({ selector }) =>
      selector.fwmark === undefined ? [] : [bitsOf(selector.fwmark, selector.fwmask)],
    )
  return [...rules, ...selectors].reduce((all, bits) => (all | bits) >>> 0, 0)
}

/** A mask of all bits says that the value counts, not that every bit is somebody's. */
function bitsOf(value: string | number = 0, mask: string | number = 0xffffffff): number {
  const bits = Number(Number(mask) === 0xffffffff ? value : mask)
  return bits === 0xffffffff ? 0 : bits
}
