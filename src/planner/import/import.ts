import { namespaceOwner } from '../../kinds/namespace.ts'
import { routeId } from '../../kinds/route.ts'
import {
  addressOf,
  cidr,
  DEFAULT_ROUTE,
  FAMILIES,
  type Family,
  familyOf,
  isUniqueLocal,
  usableAddresses,
} from '../../model/address.ts'
import type { Json } from '../../model/resource.ts'
import type { Route, Snapshot } from '../../model/snapshot.ts'
import { importedForwards, targetsOf } from './forwards.ts'
import type { Entry, Imported, LeftOut } from './imported.ts'
import { type FoundEnd, type FoundPair, foundPairs } from './pairs.ts'
import { type ForeignRule, foreignRules, isLetThrough, meansInterface } from './rules.ts'

/** What a topology file can say of what exists. `leftOut` is what has turned out not to be as a file would have it. */
export function importTopology(
  snapshot: Snapshot,
  name: string,
  uplinks: string[],
  leftOut: LeftOut,
): Imported {
  const rules = foreignRules(snapshot)
  const { names, notes: unnamed } = foundNamespaces(snapshot, leftOut)
  const { pairs, notes: unpaired } = foundPairs(snapshot, uplinks, new Set(names), leftOut)
  const subnets = subnetNames(pairs, names)
  const subnetOf = (pair: FoundPair) => subnets.get(pair) ?? ''
  const shared = pairs.filter(pair => subnets.has(pair))
  const segments = shared.map(pair => subnetEntry(pair, subnetOf(pair), snapshot, rules, uplinks))
  const targets = targetsOf(shared, subnetOf)
  const forwards = importedForwards(rules, targets, uplinks, leftOut)
  const replaced = [
    ...forwards.used,
    ...rules.filter(rule => isMasquerade(rule, uplinks) && isOfSubnet(rule, shared)),
    ...rules.filter(rule => isForwarding(rule) && joinsSubnet(rule, shared)),
  ]
  return {
    name,
    uplinks,
    entries: [
      ...segments,
      ...names.map(one => namespaceEntry(one, snapshot, leftOut)),
      ...pairs.map(pair => vethEntry(pair, subnets.get(pair) ?? null, snapshot)),
      ...forwards.entries,
      ...allowEntries(shared, subnetOf, snapshot, rules, leftOut),
      ...acceptEntries(forwards.entries, leftOut),
    ],
    replaced: replaced.map(rule => commandOf(rule, '-D')),
    notes: [
      ...unnamed,
      ...unpaired,
      ...pairs.flatMap(pair => furtherAddresses(pair, subnets.has(pair))),
      ...names.flatMap(one => furtherRoutes(one, snapshot, leftOut)),
      ...otherLinks(snapshot, uplinks, pairs),
      ...forwards.notes,
      ...rules.filter(rule => !replaced.includes(rule)).map(rule => commandOf(rule, '-A')),
    ],
  }
}

/** Findings about the rules that forwards were made from: those stand in their way, and are meant to. */
function acceptEntries(forwards: readonly Entry[], leftOut: LeftOut): Entry[] {
  return [...leftOut].flatMap(([about, [finding = '']]) => {
    const [, protocol, port] = /^port-held:(\w+)\/(\d+)$/.exec(finding) ?? []
    const held = forwards.some(({ about: forward }) => {
      const [, of, first, last = first] = /^forward\/(\w+)\/(\d+)(?:-(\d+))?\//.exec(forward) ?? []
      return of === protocol && Number(first) <= Number(port) && Number(port) <= Number(last)
    })
    if (!about.startsWith('accept/') || !held) return []
    return [{ section: 'accept' as const, about, value: finding, comment: 'the rule made by hand' }]
  })
}

function foundNamespaces(snapshot: Snapshot, leftOut: LeftOut): { names: string[]; notes: string[] } {
  const notes: string[] = []
  const names = Object.entries(snapshot.namespaces).flatMap(([name, { unreadable }]) => {
    if (namespaceOwner(snapshot, name) !== null) return []
    const why = unreadable ?? (NAMESPACE.test(name) && !RESERVED.includes(name) ? undefined : UNFIT)
    const left = leftOut.get(`namespace/${name}`)?.join('; ')
    if (why === undefined && left === undefined) return [name]
    notes.push(`namespace ${name}: ${why ?? left}`)
    return []
  })
  return { names, notes }
}

const NAMESPACE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const RESERVED = ['host', 'outside']
const UNFIT = 'a topology cannot have a namespace of this name'

/** `netns1-net`, unlike every namespace's name: both share one space of names. */
function subnetNames(pairs: readonly FoundPair[], namespaces: readonly string[]): Map<FoundPair, string> {
  const taken = new Set(namespaces)
  return new Map(
    pairs
      .filter(({ networks }) => networks.length > 0)
      .map(pair => {
        const [, { namespace }] = pair.ends
        const stem = namespace
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, '-')
          .replace(/^-/, '')
          .slice(0, 9)
        const name = [...Array(1000).keys()]
          .map(i => `${stem}-net${i === 0 ? '' : i + 1}`)
          .find(one => !taken.has(one)) as string
        taken.add(name)
        return [pair, name]
      }),
  )
}

function subnetEntry(
  { about, networks, ends: [near] }: FoundPair,
  name: string,
  snapshot: Snapshot,
  rules: readonly ForeignRule[],
  uplinks: string[],
): Entry {
  const all = networks.map(({ network }) => network)
  const unusual = networks.some(
    ({ network, gateway }) => usableAddresses(cidr(network)).next().value !== gateway,
  )
  const masquerade = FAMILIES.filter(family =>
    networks.some(({ network }) => familyOf(network) === family && isMasqueraded(rules, network, uplinks)),
  )
  const usual = FAMILIES.filter(family =>
    networks.some(
      ({ network }) => familyOf(network) === family && (family === 'ipv4' || isUniqueLocal(cidr(network))),
    ),
  )
  const leaves = networks.some(
    ({ network }) =>
      masquerade.includes(familyOf(network)) ||
      snapshot.host.sysctls[`net/${familyOf(network)}/conf/${near.link.name}/forwarding`] === '1',
  )
  const settings = {
    ...(unusual ? { gateway: oneOrList(networks.map(({ gateway }) => gateway)) } : {}),
    ...(leaves || uplinks.length === 0 ? {} : { uplinks: [] }),
    ...(String(masquerade) === String(usual) || !leaves || uplinks.length === 0
      ? {}
      : { masquerade: masquerade.length === 0 ? false : masquerade }),
  }
  return {
    section: 'subnets',
    about: `${about}/subnet`,
    name,
    value: Object.keys(settings).length === 0 ? oneOrList(all) : { cidr: oneOrList(all), ...settings },
  }
}

function oneOrList(values: string[]): Json {
  return values.length === 1 ? (values[0] ?? null) : values
}

/** A network whose packets get the host's address on every uplink. */
function isMasqueraded(rules: readonly ForeignRule[], network: string, uplinks: string[]): boolean {
  return uplinks.every(uplink =>
    rules.some(
      rule =>
        isMasquerade(rule, uplinks) &&
        rule.family === familyOf(network) &&
        meansInterface(rule.out, uplink) &&
        (rule.source === undefined || rule.source === network),
    ),
  )
}

function isMasquerade(rule: ForeignRule, uplinks: string[]): boolean {
  const { table, chain, target, unclear, destination, protocol, out, states } = rule
  return (
    table === 'nat' &&
    chain === 'POSTROUTING' &&
    target === 'MASQUERADE' &&
    !unclear &&
    !states &&
    [destination, protocol, rule.in].every(part => part === undefined) &&
    uplinks.some(uplink => meansInterface(out, uplink))
  )
}

/** What lets packets through only: what nsctl lets through, it does by itself. */
function isForwarding({ table, chain, target, unclear }: ForeignRule): boolean {
  return table === 'filter' && chain === 'FORWARD' && target === 'ACCEPT' && !unclear
}

function namespaceEntry(name: string, snapshot: Snapshot, leftOut: LeftOut): Entry {
  const routes = routesOf(name, snapshot).filter(
    route => sayable(route) && !leftOut.has(routeId(name, route)),
  )
  // Without them a resolv.conf would be written where the host's names only its own loopback.
  const nameservers = snapshot.host.loopbackResolver ? { nameservers: [] } : {}
  const items = routes.map(route => ({ about: routeId(name, route), value: routeValue(route) }))
  return {
    section: 'namespaces',
    about: `namespace/${name}`,
    name,
    value: { adopt: true, ...nameservers },
    ...(items.length > 0 ? { below: { key: 'routes', items } } : {}),
  }
}

const BY_HAND = [0, 3, 4]

/** Routes that somebody has set, but the default ones, which ends of pairs lead to. */
function routesOf(name: string, snapshot: Snapshot): Route[] {
  return (snapshot.namespaces[name]?.routes ?? []).filter(
    ({ table, protocol, type }) =>
      table !== 255 && BY_HAND.includes(protocol) && !['local', 'broadcast'].includes(type),
  )
}

function sayable({ to, table, type, multipath, source, via, dev }: Route): boolean {
  return (
    !to.endsWith('/0') &&
    table === 254 &&
    ['unicast', 'blackhole', 'unreachable'].includes(type) &&
    !multipath &&
    source === null &&
    (via !== null || dev !== null || type !== 'unicast')
  )
}

function routeValue({ to, via, dev, metric, type, family }: Route): Json {
  const drops = type !== 'unicast'
  return {
    to,
    ...(via === null ? {} : { via }),
    ...(dev === null || drops ? {} : { dev }),
    ...(metric === (family === 'ipv6' ? 1024 : 0) ? {} : { metric }),
    ...(drops ? { type } : {}),
  }
}

/** The default route of a namespace is that of the end it leads through; without one nsctl would set it. */
function vethEntry(pair: FoundPair, subnet: string | null, snapshot: Snapshot): Entry {
  const [near, far] = pair.ends
  if (subnet === null) {
    return {
      section: 'veths',
      about: pair.about,
      value: { ends: [plainEnd(near), plainEnd(far)], adopt: true },
    }
  }
  const families = pair.networks.map(({ network }) => familyOf(network))
  const leads = (family: Family) =>
    (snapshot.namespaces[far.namespace]?.routes ?? []).some(
      ({ to, table, via, dev, type, metric }) =>
        to === DEFAULT_ROUTE[family] &&
        table === 254 &&
        type === 'unicast' &&
        metric === (family === 'ipv6' ? 1024 : 0) &&
        dev === far.link.name &&
        pair.networks.some(({ gateway }) => gateway === via),
    )
  const end = {
    namespace: far.namespace,
    interface: far.link.name,
    address: oneOrList(pair.networks.map(({ address }) => address)),
    ...(families.every(leads) ? {} : { 'default-route': false }),
  }
  return {
    section: 'veths',
    about: `${pair.about}/subnet`,
    value: { subnet, ends: [`host:${near.link.name}`, end], adopt: true },
  }
}

function plainEnd({ namespace, link, addresses }: FoundEnd): Json {
  if (addresses.length === 0) return `${namespace}:${link.name}`
  return { namespace, interface: link.name, address: oneOrList(addresses) }
}

/** Direct paths that the host opens today: nsctl keeps subnets apart that no file lets meet. */
function allowEntries(
  pairs: readonly FoundPair[],
  subnetOf: (pair: FoundPair) => string,
  snapshot: Snapshot,
  rules: readonly ForeignRule[],
  leftOut: LeftOut,
): Entry[] {
  return pairs.flatMap(from =>
    pairs
      .filter(to => to !== from)
      .flatMap(to => {
        const about = `allow/${from.about}/${to.about}`
        const open = FAMILIES.some(
          family =>
            [from, to].every(({ networks }) =>
              networks.some(({ network }) => familyOf(network) === family),
            ) && isLetThrough(snapshot, rules, family, from.ends[0].link.name, to.ends[0].link.name) === true,
        )
        if (!open || leftOut.has(about)) return []
        return [{ section: 'allow' as const, about, value: { from: subnetOf(from), to: subnetOf(to) } }]
      }),
  )
}

function furtherAddresses({ ends, networks }: FoundPair, onSubnet: boolean): string[] {
  if (!onSubnet) return []
  const taken = networks.flatMap(({ gateway, address }) => [gateway, address])
  return ends.flatMap(({ namespace, link, addresses }) =>
    addresses
      .filter(text => !taken.includes(addressOf(text)))
      .map(
        text =>
          `address ${text} on ${namespace}:${link.name}: a second one, or of no shared network; it stays`,
      ),
  )
}

function furtherRoutes(name: string, snapshot: Snapshot, leftOut: LeftOut): string[] {
  return routesOf(name, snapshot)
    .filter(route => (!sayable(route) && !route.to.endsWith('/0')) || leftOut.has(routeId(name, route)))
    .map(({ to, via, dev, table, type }) =>
      [
        `route ${to} in namespace ${name}`,
        via === null ? '' : ` via ${via}`,
        dev === null ? '' : ` dev ${dev}`,
        table === 254 ? '' : ` table ${table}`,
        type === 'unicast' ? '' : ` ${type}`,
        ': not something a topology says; it stays',
      ].join(''),
    )
}

/** Links of the host that are of another sort, or of somebody else. */
function otherLinks(snapshot: Snapshot, uplinks: readonly string[], pairs: readonly FoundPair[]): string[] {
  const taken = new Set(pairs.flatMap(({ ends }) => ends.map(({ link }) => link)))
  return snapshot.host.links
    .filter(
      link => link.kind === 'bridge' && !taken.has(link) && !uplinks.includes(link.name) && link.group === 0,
    )
    .map(
      ({ name }) =>
        `bridge ${name}: nsctl adopts no bridge; it stays, and so do its ports, its addresses and the rules for it`,
    )
}

function commandOf({ family, table, chain, text }: ForeignRule, verb: '-A' | '-D'): string {
  return `${family === 'ipv4' ? 'iptables' : 'ip6tables'} -t ${table} ${verb} ${chain} ${text}`
}

function isOfSubnet({ source }: ForeignRule, pairs: readonly FoundPair[]): boolean {
  return pairs.some(({ networks }) => networks.some(({ network }) => network === source))
}

function joinsSubnet(rule: ForeignRule, pairs: readonly FoundPair[]): boolean {
  return pairs.some(({ ends: [near] }) => [rule.in, rule.out].includes(near.link.name))
}
