import { type Inside, insidesOf } from '../../../kinds/network/insides.ts'
import { FAMILIES, type Family } from '../../../model/address.ts'
import { linkNamed } from '../../../model/host/by-name.ts'
import { MAIN_TABLE } from '../../../model/host/rtnetlink.ts'
import type { NetworkState, Route, Snapshot } from '../../../model/host/snapshot.ts'
import { ROUTE_PROTOCOL } from '../../../model/ownership.ts'
import type { Finding } from '../../../model/plan/plan.ts'
import { isDefaultOrPiece, type WayOut, waysOut } from '../../../model/routing/outside.ts'
import { everyHopOf } from '../../../model/routing/policy.ts'
import { printedDecision, tableName } from '../../../model/routing/printed.ts'
import { listOf } from '../../../model/text/phrases.ts'
import type { Topology } from '../../../model/topology.ts'
import { warning } from '../finding.ts'

/** Where packets to the outside really leave, where that is not what the file says, or is easily missed. */
export function wayOutFindings(topology: Topology, snapshot: Snapshot): Finding[] {
  return [...overriddenDefault(topology, snapshot), ...elsewhere(topology, snapshot)]
}

/** `default` stands for more than the interface of the default route: a tunnel, most of the time. */
function overriddenDefault({ uplinks, uplinkSources }: Topology, { host }: Snapshot): Finding[] {
  const source = uplinkSources.default
  if (!source) return []
  const ways = FAMILIES.flatMap(family => waysOut(host, { family, source: null, input: '*' }))
  const unusual = ways.filter(({ decision: { rule, route } }) => !isPlain(rule.table, route))
  const [first] = unusual
  const others = uplinks.filter(uplink => !unusual.some(({ dev }) => dev === uplink))
  if (first === undefined || others.length === 0) return []
  return [
    warning(
      'default-overridden',
      'default',
      `uplink default: packets to the outside leave through ${devsOf(unusual)}, not through ${others.join(', ')}`,
      [
        `by ${printedDecision(first.decision)}`,
        `default stands for ${uplinks.join(', ')}: ports are published on each, and answers leave the way they were asked`,
        `if that is not what you want, name the interfaces: uplinks: [${others.join(', ')}]`,
      ],
      source,
    ),
  ]
}

/** The default route of the main table, as every host has it. */
function isPlain(table: number, { to }: Route): boolean {
  return table === MAIN_TABLE && to.endsWith('/0')
}

function elsewhere(topology: Topology, { host }: Snapshot): Finding[] {
  const groups = new Map<string, { decision: string; devs: string; partly: boolean; members: Astray[] }>()
  for (const inside of insidesOf(topology)) {
    const { subnet, family, address, input } = inside
    // Of an uplink that is not there something else is said.
    if (!subnet.uplinks.some(uplink => linkNamed(host.links, uplink))) continue
    const ways = waysOut(host, { family, source: address, input })
    const astray = ways.filter(({ dev }) => dev !== null && !subnet.uplinks.includes(dev))
    const [first] = astray
    if (first === undefined) continue
    const [decision, devs, partly] = [
      printedDecision(first.decision),
      devsOf(astray),
      astray.length < ways.length,
    ]
    const key = JSON.stringify([decision, devs, partly, subnet.uplinks])
    const group = groups.get(key) ?? { decision, devs, partly, members: [] }
    group.members.push({ inside, first })
    groups.set(key, group)
  }
  return [...groups.values()].map(({ decision, devs, partly, members }) => {
    const [{ inside, first }] = members as [Astray]
    const { uplinks, source } = inside.subnet
    const names = [...new Set(members.map(one => one.inside.subnet.name))]
    const of = `${names.length > 1 ? 'subnets' : 'subnet'} ${listOf(names, 6)} ${names.length > 1 ? 'send' : 'sends'}`
    return warning(
      'leaves-elsewhere',
      devs,
      `${partly ? 'some of what' : 'what'} ${of} to the outside is routed to ${devs}, which is no uplink of ${names.length > 1 ? 'theirs' : 'it'}`,
      [
        `by ${decision}`,
        `it is dropped there: only ${uplinks.join(', ')} may be left through`,
        `if it may leave there: uplinks: [${[...uplinks, devs].join(', ')}]`,
        ...detour(inside, first, host),
      ],
      source,
    )
  })
}

interface Astray {
  inside: Inside
  first: WayOut
}

/** How to send the subnet through one of its own uplinks. */
function detour({ subnet, network, family }: Inside, { decision }: WayOut, host: NetworkState): string[] {
  const ip = family === 'ipv6' ? 'ip -6' : 'ip'
  const priority = Math.max(decision.rule.priority - 1, 1)
  const through = host.routes.find(
    route =>
      route.family === family &&
      route.protocol !== ROUTE_PROTOCOL &&
      isDefaultOrPiece(route) &&
      everyHopOf(route).some(({ dev }) => subnet.uplinks.includes(dev ?? '')),
  )
  if (!through) return []
  const table = through.table
  const add = `if it is to leave through ${subnet.uplinks[0]}:`
  if (leadsThrough(host, family, table, subnet.uplinks))
    return [`${add} ${ip} rule add pref ${priority} from ${network} lookup ${tableName(table)}`]
  const hop = everyHopOf(through).find(({ dev }) => subnet.uplinks.includes(dev ?? ''))
  if (!hop) return []
  const via = hop.via === null ? '' : ` via ${hop.via}`
  return [
    `${add} ${ip} route add default${via} dev ${hop.dev}${hop.onlink ? ' onlink' : ''} table 200`,
    `and ${ip} rule add pref ${priority - 1} lookup main suppress_prefixlength 4; ${ip} rule add pref ${priority} from ${network} lookup 200`,
  ]
}

/** Whether everything that a table has for the outside goes through some interfaces. */
function leadsThrough(host: NetworkState, family: Family, table: number, uplinks: string[]): boolean {
  const rule = { family, priority: 0, from: 'all', table, protocol: 0, selector: {} }
  const ways = waysOut({ ...host, rules: [rule] }, { family, source: null, input: '*' })
  return ways.length > 0 && ways.every(({ dev }) => uplinks.includes(dev ?? ''))
}

function devsOf(ways: WayOut[]): string {
  return [...new Set(ways.flatMap(({ dev }) => dev ?? []))].join(', ')
}
