import { cidr, FAMILIES, familyOf, isUniqueLocal, usableAddresses } from '../../model/address.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { Json } from '../../model/plan/resource.ts'
import type { ImportedEntry } from './imported.ts'
import type { FoundPair } from './pairs.ts'
import { type ForeignRule, meansInterface } from './rules.ts'

/** `netns1-net`, unlike every namespace's name: both share one space of names. */
export function subnetNames(
  pairs: readonly FoundPair[],
  namespaces: readonly string[],
): Map<FoundPair, string> {
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

/** A network of the host and a namespace, as the host treats it. */
export function subnetEntry(
  { about, networks, ends: [near] }: FoundPair,
  name: string,
  snapshot: Snapshot,
  rules: readonly ForeignRule[],
  uplinks: string[],
): ImportedEntry {
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

export function oneOrList(values: string[]): Json {
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

export function isMasquerade(rule: ForeignRule, uplinks: string[]): boolean {
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
