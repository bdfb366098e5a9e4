import { addressOf, DEFAULT_ROUTE, familyOf } from '../../model/address.ts'
import { iptablesOf } from '../../model/host/iptables.ts'
import { defaultMetric, FROM_KERNEL, MAIN_TABLE } from '../../model/host/rtnetlink.ts'
import type { Route, Snapshot } from '../../model/host/snapshot.ts'
import { isNsctlGroup } from '../../model/ownership.ts'
import type { Json } from '../../model/plan/resource.ts'
import { importedForwards, targetsOf } from './forwards.ts'
import type { Imported, ImportedEntry, LeftOut } from './imported.ts'
import { foundNamespaces, furtherRoutes, namespaceEntry } from './namespaces.ts'
import { type FoundEnd, type FoundPair, foundPairs } from './pairs.ts'
import { closedPaths, directPaths } from './paths.ts'
import { type ForeignRule, foreignRules } from './rules.ts'
import { isMasquerade, oneOrList, subnetEntry, subnetNames } from './subnets.ts'

/** Findings about the rules that forwards were made from: those stand in their way, and are meant to. */
function acceptEntries(forwards: readonly ImportedEntry[], accepted: ReadonlySet<string>): ImportedEntry[] {
  return [...accepted].flatMap(finding => {
    const [, protocol, port] = /^port-held:(\w+)\/(\d+)$/.exec(finding) ?? []
    const held = forwards.some(({ about: forward }) => {
      const [, of, first, last = first] = /^forward\/(\w+)\/(\d+)(?:-(\d+))?\//.exec(forward) ?? []
      return of === protocol && Number(first) <= Number(port) && Number(port) <= Number(last)
    })
    if (!held) return []
    const about = `accept/${finding}`
    return [{ section: 'accept' as const, about, value: finding, comment: 'the rule made by hand' }]
  })
}

/**
 * What a topology file can say of what exists. `leftOut` is what has turned out not to be as a file would have it,
 * `accepted` the findings, as `code:subject`, that a file has to accept.
 */
export function importTopology(
  snapshot: Snapshot,
  name: string,
  uplinks: string[],
  { leftOut, accepted }: { leftOut: LeftOut; accepted: ReadonlySet<string> },
): Imported {
  const rules = foreignRules(snapshot)
  const { names, notes: unnamed } = foundNamespaces(snapshot, leftOut)
  const { pairs, notes: unpaired } = foundPairs(snapshot, uplinks, new Set(names), leftOut)
  const subnets = subnetNames(pairs, names)
  const subnetOf = (pair: FoundPair) => subnets.get(pair) ?? ''
  const shared = pairs.filter(pair => subnets.has(pair))
  const segments = shared.map(pair => subnetEntry(pair, subnetOf(pair), snapshot, rules, uplinks))
  const led = new Set(shared.flatMap(pair => defaultRoutesOf(pair, snapshot)))
  const targets = targetsOf(shared, subnetOf)
  const forwards = importedForwards(rules, targets, uplinks, leftOut)
  const nameOf = (pair: FoundPair) => subnets.get(pair) ?? pair.ends[1].namespace
  const paths = directPaths(pairs, nameOf, snapshot, rules, leftOut)
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
      ...names.map(one => namespaceEntry(one, snapshot, led, leftOut)),
      ...pairs.map(pair => vethEntry(pair, subnets.get(pair) ?? null, snapshot)),
      ...forwards.entries,
      ...paths.entries,
      ...acceptEntries(forwards.entries, accepted),
    ],
    replaced: replaced.map(rule => commandOf(rule, '-D')),
    notes: [
      ...unnamed,
      ...unpaired,
      ...plainPairs(leftOut),
      ...pairs.flatMap(pair => furtherAddresses(pair, subnets.has(pair))),
      ...names.flatMap(one => furtherRoutes(one, snapshot, led, leftOut)),
      ...hostRoutes(snapshot, pairs),
      ...bridges(snapshot, uplinks),
      ...paths.notes,
      ...closedPaths(pairs, uplinks, snapshot, rules),
      ...nativeNat(snapshot),
      ...rules
        .filter(rule => !replaced.includes(rule))
        .map(rule => `${commandOf(rule, '-A')}${reasonOf(forwards.leftOut.get(rule))}`),
    ],
  }
}

/** Chains of nftables that translate: a file has no words for them. */
function nativeNat({ firewall }: Snapshot): string[] {
  return (firewall.nft?.tables ?? []).flatMap(({ family, name, dormant, chains }) => {
    const found = chains.flatMap(({ base }) => (base?.type === 'nat' ? [base.hook] : []))
    const hooks = ['prerouting', 'input', 'output', 'postrouting'].filter(hook => found.includes(hook))
    if (hooks.length === 0 || dormant) return []
    return `table ${family} ${name} hook${hooks.length > 1 ? 's' : ''} ${hooks.join(' and ')} (nat): nftables; it is not read into this file`
  })
}

/** The default route of a namespace is that of the end it leads through; without one nsctl would set it. */
function vethEntry(pair: FoundPair, subnet: string | null, snapshot: Snapshot): ImportedEntry {
  const [near, far] = pair.ends
  if (subnet === null) {
    return {
      section: 'veths',
      about: pair.about,
      value: { ends: [plainEnd(near), plainEnd(far)], adopt: true },
    }
  }
  const families = pair.networks.map(({ network }) => familyOf(network))
  const led = defaultRoutesOf(pair, snapshot).length === families.length
  const end = {
    namespace: far.namespace,
    interface: far.link.name,
    address: oneOrList(pair.networks.map(({ address }) => address)),
    ...(led ? {} : { 'default-route': false }),
  }
  return {
    section: 'veths',
    about: `${pair.about}/subnet`,
    value: { subnet, ends: [`host:${near.link.name}`, end], adopt: true },
  }
}

/** Default routes of its namespace that a pair on a subnet has by itself: by each family's gateway. */
function defaultRoutesOf({ ends: [, far], networks }: FoundPair, snapshot: Snapshot): Route[] {
  return (snapshot.namespaces[far.namespace]?.routes ?? []).filter(
    ({ to, table, via, dev, type, metric, family }) =>
      to === DEFAULT_ROUTE[family] &&
      table === MAIN_TABLE &&
      type === 'unicast' &&
      metric === defaultMetric(family) &&
      dev === far.link.name &&
      networks.some(({ gateway }) => gateway === via),
  )
}

function plainEnd({ namespace, link, addresses }: FoundEnd): Json {
  if (addresses.length === 0) return `${namespace}:${link.name}`
  return { namespace, interface: link.name, address: oneOrList(addresses) }
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

/** A route of the host is nobody's to adopt. */
function hostRoutes(snapshot: Snapshot, pairs: readonly FoundPair[]): string[] {
  const own = new Set(
    pairs.flatMap(({ ends: [near] }) => (near.namespace === 'host' ? [near.link.name] : [])),
  )
  return snapshot.host.routes
    .filter(({ dev, protocol, type }) => own.has(dev ?? '') && protocol !== FROM_KERNEL && type === 'unicast')
    .map(
      ({ to, via, dev }) =>
        `route ${to} on the host${via === null ? '' : ` via ${via}`} dev ${dev}: it stays`,
    )
}

function bridges(snapshot: Snapshot, uplinks: readonly string[]): string[] {
  return snapshot.host.links
    .filter(({ kind, name, group }) => kind === 'bridge' && !uplinks.includes(name) && !isNsctlGroup(group))
    .map(({ name }) => `bridge ${name}: nsctl adopts no bridge; it stays, with its ports and its addresses`)
}

/** Pairs that are taken over without a subnet, where that would make more than marks. */
function plainPairs(leftOut: LeftOut): string[] {
  return [...leftOut].flatMap(([about, why]) => {
    const [, namespace, name] = /^veth\/([^/]+)\/([^/]+)\/subnet$/.exec(about) ?? []
    if (name === undefined || leftOut.has(`veth/${namespace}/${name}`)) return []
    return [`veth ${namespace}:${name}: no subnet is made of it: ${why.join('; ')}`]
  })
}

function commandOf({ family, table, chain, text }: ForeignRule, verb: '-A' | '-D'): string {
  return `${iptablesOf(family)} -t ${table} ${verb} ${chain} ${text}`
}

function reasonOf(why: string | undefined): string {
  return why === undefined ? '' : `    (${why})`
}

/** What lets packets through only: what nsctl lets through, it does by itself. */
function isForwarding({ table, chain, target, unclear }: ForeignRule): boolean {
  return table === 'filter' && chain === 'FORWARD' && target === 'ACCEPT' && !unclear
}

function isOfSubnet({ source }: ForeignRule, pairs: readonly FoundPair[]): boolean {
  return pairs.some(({ networks }) => networks.some(({ network }) => network === source))
}

function joinsSubnet(rule: ForeignRule, pairs: readonly FoundPair[]): boolean {
  return pairs.some(({ ends: [near] }) => [rule.in, rule.out].includes(near.link.name))
}
