import { jumpedTo, type WantedChain } from '../../firewall/chain.ts'
import { formatRule, formatRules, parseRules, type Rule } from '../../firewall/codec/rule.ts'
import { selectorOf } from '../../firewall/codec/selector.ts'
import { type Fenced, USER_CHAIN } from '../../firewall/forwarding.ts'
import { ownChain } from '../../firewall/roles.ts'
import { firewallChains, type RuleFacts } from '../../firewall/rules.ts'
import { FAMILIES, type Family } from '../../model/address.ts'
import type { RestoreLine } from '../../model/command/iptables.ts'
import { forwardChain } from '../../model/host/iptables.ts'
import type { Firewall, Snapshot, Table, Variant } from '../../model/host/snapshot.ts'
import { chainOwner } from '../../model/ownership.ts'
import type { Operation, Stage } from '../../model/plan/plan.ts'
import type { Resource } from '../../model/plan/resource.ts'
import { groupBy } from '../../model/text/lookup.ts'
import { counted } from '../../model/text/phrases.ts'
import type { Topology } from '../../model/topology.ts'
import type { Kind } from '../kind.ts'
import { authorOfRules } from '../likely-author.ts'
import { marksOf } from '../network/reply-paths.ts'
import { predictChain } from '../predict/chain.ts'
import { claimOn } from '../settings/claim.ts'
import { canForceForwarding, forceForwarding, ipv6Uplinks } from '../settings/forwarding.ts'
import {
  deleteByHandle,
  deleteChain,
  deleteJumps,
  insertJumps,
  type JumpAttributes,
  refill,
} from './chain-lines.ts'

export type ChainAttributes = {
  family: Family
  variant: Variant
  table: string
  name: string
  rules: string[]
  jumps: JumpAttributes[]
  /** Observed only, in a table that iptables cannot print: the jumps to it, which nft deletes by their handles. */
  byHandle?: { chain: string; handle: number }[]
}

/** One of the topology's chains in one family, with the jumps that lead to it. */
export const chain: Kind<ChainAttributes> = {
  name: 'chain',
  layer: 'host',
  observedOnly: ['byHandle'],

  desired: (topology, snapshot) =>
    firewallChains(topology, ruleFacts(topology, snapshot)).map(wanted =>
      desiredChain(topology, snapshot, wanted),
    ),

  observed: ({ firewall }, topology) =>
    [firewall, firewall.other].flatMap(rules =>
      FAMILIES.flatMap(family =>
        rules[family].flatMap(table =>
          observedChains(table, { family, variant: rules.variant }, firewall, topology),
        ),
      ),
    ),

  create: ({ attributes }) => [
    restore(attributes, stageOf(attributes), [...refill(attributes), ...insertJumps(attributes)]),
  ],

  update: (before, { attributes }, changed) => [
    restore(attributes, stageOf(attributes), [
      ...(changed.includes('jumps') ? deleteJumps(before.attributes) : []),
      ...(changed.includes('rules') ? refill(attributes) : []),
      ...(changed.includes('jumps') ? insertJumps(attributes) : []),
    ]),
  ],

  remove: ({ attributes }) => [
    deleteByHandle(attributes) ??
      restore(attributes, 'unguard', [...deleteJumps(attributes), ...deleteChain(attributes)]),
  ],

  predict: predictChain,
  likelyAuthor: authorOfRules,

  title: ({ name, family }) => `chain ${name}${family === 'ipv6' ? ' (IPv6)' : ''}`,
  detail: ({ rules }) => counted(rules.length, 'rule'),
  differences: (before, after) => {
    const [was, is] = [new Set(before.rules), new Set(after.rules)]
    const jumpsOf = ({ jumps }: ChainAttributes) =>
      jumps.map(({ from, place }) => `${from} (${place})`).join(', ')
    const moved = before.rules.length === after.rules.length && before.rules.every(rule => is.has(rule))
    return [
      ...before.rules.filter(rule => !is.has(rule)).map(rule => `- ${rule}`),
      ...after.rules.filter(rule => !was.has(rule)).map(rule => `+ ${rule}`),
      ...(moved && before.rules.some((rule, i) => rule !== after.rules[i])
        ? ['the same rules in another order']
        : []),
      ...(jumpsOf(before) === jumpsOf(after)
        ? []
        : [`jump ${jumpsOf(before) || 'none'} -> ${jumpsOf(after)}`]),
    ]
  },
}

function desiredChain(
  topology: Topology,
  { firewall }: Snapshot,
  wanted: WantedChain,
): Resource<ChainAttributes> {
  const { family, table, name } = wanted
  const rules = formatRules(wanted.rules)
  const jumps = wanted.jumps.map(jump => ({ ...jump, rule: formatRule(jump.rule) }))
  return {
    kind: 'chain',
    id: chainId(family, table, name),
    scope: 'host',
    attributes: { family, variant: firewall.variant, table, name, rules, jumps },
    owned: true,
    within: [],
    reason: wanted.reason,
    source: topology.source,
  }
}

function observedChains(
  table: Table,
  { family, variant }: { family: Family; variant: Variant },
  { variant: inUse, unreadable = [] }: Firewall,
  topology: string,
): Resource<ChainAttributes>[] {
  const jumps = observedJumps(table, topology)
  const unprinted = unreadable.find(
    one => one.table === table.name && one.family === family && one.variant === variant,
  )
  const byHandle = (name: string) =>
    (unprinted?.jumps ?? []).flatMap(({ to, own, chain, handle }) =>
      own && to === name ? [{ chain, handle }] : [],
    )
  return table.chains
    .filter(({ name }) => chainOwner(name) === topology)
    .map(({ name, rules }) => ({
      kind: 'chain',
      id: `${chainId(family, table.name, name)}${variant === inUse ? '' : `/${variant}`}`,
      scope: 'host',
      attributes: {
        family,
        variant,
        table: table.name,
        name,
        rules,
        jumps: jumps.get(name)?.map(({ jump }) => jump) ?? [],
        ...(unprinted ? { byHandle: byHandle(name) } : {}),
      },
      owned: true,
      within: [],
      reason:
        variant === inUse
          ? null
          : `the host's iptables is ${inUse}; rules in ${variant} are in force beside it`,
      source: null,
    }))
}

/**
 * A topology's jumps, by the chain they lead to. They are counted where they stand: a duplicate, or one that others were
 * put before, shows as a difference.
 */
function observedJumps(table: Table, topology: string) {
  const builtIn = table.chains.filter(({ policy }) => policy !== null)
  const jumps = builtIn.flatMap(({ name: from, rules: texts }) => {
    const rules = parseRules(texts)
    return rules.flatMap((rule, i) => {
      const to = jumpedTo(rule, topology)
      return to === null ? [] : [{ to, jump: { from, place: placeIn(rules, i, to), rule: formatRule(rule) } }]
    })
  })
  return groupBy(jumps, ({ to }) => to)
}

/** The wanted place of the jump at an index, or where it stands instead. */
function placeIn(rules: readonly Rule[], index: number, to: string): string {
  const wanted = ownChain(to)?.place ?? 'anywhere'
  const before = wanted === 'first' ? rules.slice(0, index) : []
  const after = wanted === 'last' ? rules.slice(index + 1) : []
  return [...before, ...after].every(isNsctlJump) ? wanted : `rule ${index + 1} of ${rules.length}`
}

function isNsctlJump({ target }: Rule): boolean {
  return target !== null && ownChain(target.name) !== null
}

function ruleFacts(topology: Topology, snapshot: Snapshot): RuleFacts {
  const { host, firewall } = snapshot
  const hasUserChain = (family: Family) =>
    firewall[family].some(
      table => table.name === 'filter' && table.chains.some(({ name }) => name === USER_CHAIN),
    )
  return {
    ipv6: host.ipv6,
    fenced: {
      ipv4: switchedOn(topology, snapshot, 'ipv4', 'forwarding'),
      ipv6: fencedIpv6(topology, snapshot),
    },
    userChain: FAMILIES.filter(hasUserChain),
    mtus: new Map(host.links.map(({ name, mtu }) => [name, mtu])),
    marks: marksOf(topology, snapshot),
  }
}

function fencedIpv6(topology: Topology, snapshot: Snapshot): Fenced {
  const whole = 'net/ipv6/conf/all/forwarding'
  if (!canForceForwarding(snapshot)) return isSwitchedOn(snapshot, whole) ? 'all' : []
  return ipv6Uplinks(topology, snapshot).filter(
    uplink => isSwitchedOn(snapshot, forceForwarding(uplink)) || isFenced(snapshot, 'ipv6', uplink),
  )
}

function switchedOn(topology: Topology, snapshot: Snapshot, family: Family, name: string): string[] {
  return topology.uplinks.filter(
    uplink =>
      isSwitchedOn(snapshot, `net/${family}/conf/${uplink}/${name}`) || isFenced(snapshot, family, uplink),
  )
}

/** Whether it is nsctl that switches a setting on, now or before. */
function isSwitchedOn(snapshot: Snapshot, key: string): boolean {
  return (
    snapshot.host.sysctls[key] !== '1' ||
    claimOn(snapshot, { kind: 'sysctl', scope: 'host', key }) !== undefined
  )
}

/** A fence tells that nsctl switched it on, also when the claims are lost: without it the host would be a router. */
function isFenced({ firewall }: Snapshot, family: Family, uplink: string): boolean {
  return [firewall, firewall.other]
    .flatMap(variant => parseRules(forwardChain(variant[family])?.rules ?? []))
    .some(rule => ownChain(rule.target?.name ?? '')?.role === 'fence' && selectorOf(rule).in?.is === uplink)
}

function chainId(family: Family, table: string, name: string): string {
  return `chain/host/${family}/${table}/${name}`
}

function stageOf({ name }: ChainAttributes): Stage {
  return ownChain(name)?.stage ?? 'guard'
}

function restore({ family, variant, table }: ChainAttributes, stage: Stage, lines: RestoreLine[]): Operation {
  return { stage, command: { tool: 'iptables-restore', family, variant, table, lines } }
}
