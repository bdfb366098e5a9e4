import type { Family } from '../../model/address.ts'
import type { IpCommand } from '../../model/command/ip.ts'
import { rulesAtBirth } from '../../model/host/rtnetlink.ts'
import { networkIn } from '../../model/host/scope.ts'
import type { PolicyRule, Snapshot } from '../../model/host/snapshot.ts'
import { ROUTE_PROTOCOL } from '../../model/ownership.ts'
import type { Resource } from '../../model/plan/resource.ts'
import type { Kind } from '../kind.ts'
import { namespaceId, namespaceOwner } from '../namespace.ts'
import { type Claimed, claimObject, isHeldBy, otherHolders } from '../settings/claim.ts'
import { replyPaths } from './reply-paths.ts'

export type RuleAttributes = {
  scope: string
  family: Family
  priority: number
  /** As `ip rule` takes it: `from 192.168.1.2/32`, `fwmark 0x2000000/0xff000000`. */
  selector: string
  table: number
  /** On the host: claimed, since topologies share the rules of their uplinks. */
  held: boolean
  /** Observed only: others that hold it. */
  others?: string[]
}

/** A policy routing rule that sends replies back the way their connection came. */
export const rule: Kind<RuleAttributes> = {
  name: 'rule',
  layer: 'network',
  observedOnly: ['others'],

  desired: (topology, snapshot) =>
    replyPaths(topology, snapshot).map(path => {
      const { scope, family, table, priority } = path
      const selector =
        'from' in path.selector
          ? `from ${path.selector.from}`
          : `fwmark ${path.selector.fwmark}/${path.selector.fwmask}`
      const attributes = { scope, family, priority, selector, table, held: scope === 'host' }
      return {
        kind: 'rule',
        id: ruleId(attributes),
        scope,
        attributes,
        owned: true,
        within: scope === 'host' ? [] : [namespaceId(scope)],
        reason: `what came in through ${path.dev} leaves through it`,
        source: path.end?.source ?? topology.source,
      }
    }),

  observed: (snapshot, topology) => {
    const own = Object.keys(snapshot.namespaces).filter(name => namespaceOwner(snapshot, name) === topology)
    const inNamespaces = own.flatMap(name =>
      (snapshot.namespaces[name]?.rules ?? []).map(live => observedRule(snapshot, topology, name, live)),
    )
    const onHost = snapshot.host.rules.map(live => observedRule(snapshot, topology, 'host', live))
    return [...inNamespaces, ...onHost].filter(found => found !== null)
  },

  create: ({ attributes }) => [
    ...(attributes.held ? [claimObject(claimed(attributes))] : []),
    { stage: 'configure', command: ip(attributes, 'rule-add') },
  ],

  update: (before, { attributes }) =>
    attributes.held && !before.attributes.held ? [claimObject(claimed(attributes))] : [],

  remove: ({ attributes }) => [{ stage: 'configure', command: ip(attributes, 'rule-delete') }],

  claims: { shared: true, of: ({ attributes }) => (attributes.held ? [claimed(attributes)] : []) },

  giveBack: {
    left: ({ attributes: { others, ...attributes } }) =>
      others && others.length > 0
        ? { attributes: { ...attributes, held: false }, reason: `still needed by ${others.join(', ')}` }
        : null,
  },

  predict: (snapshot, before, after) => {
    const attributes = after ?? before
    const network = attributes && networkIn(snapshot, attributes.scope)
    if (!network) return
    const wanted = policyRule(attributes)
    network.rules = network.rules.filter(
      ({ family, priority, table, from, selector }) =>
        family !== wanted.family ||
        priority !== wanted.priority ||
        table !== wanted.table ||
        from !== wanted.from ||
        selector.fwmark !== wanted.selector.fwmark,
    )
    if (after === null) return
    if (!network.rules.some(({ family }) => family === wanted.family))
      network.rules.push(...rulesAtBirth(wanted.family))
    network.rules.push(wanted)
  },

  title: ({ family, selector }) =>
    `rule ${selector}${family === 'ipv6' && !selector.includes(':') ? ' (IPv6)' : ''}`,
  detail: ({ table }) => `lookup ${table}`,
  differences: (_before, { table }) => [`lookup ${table}`],
}

function observedRule(
  snapshot: Snapshot,
  topology: string,
  scope: string,
  { family, priority, from, table, protocol, selector }: PolicyRule,
): Resource<RuleAttributes> | null {
  if (protocol !== ROUTE_PROTOCOL) return null
  const { fwmark, fwmask } = selector
  const text = fwmark === undefined ? `from ${from}` : `fwmark ${fwmark}/${fwmask ?? '0xffffffff'}`
  const attributes = { scope, family, priority, selector: text, table }
  const id = ruleId(attributes)
  const held = scope === 'host' && isHeldBy(snapshot, topology, claimed(attributes))
  const others = otherHolders(snapshot, topology, claimed(attributes))
  return {
    kind: 'rule',
    id,
    scope,
    attributes: { ...attributes, held, others },
    // With the claims lost, any topology may clear it away; whoever still needs it puts it back.
    owned: scope !== 'host' || held || others.length === 0,
    within: scope === 'host' ? [] : [namespaceId(scope)],
    reason: null,
    source: null,
  }
}

function ruleId({ scope, family, priority, selector, table }: Omit<RuleAttributes, 'held'>): string {
  return `rule/${scope}/${family}/${priority}/${selector.replace(' ', '/')}/${table}`
}

function ip(
  { scope, family, priority, selector, table }: RuleAttributes,
  op: 'rule-add' | 'rule-delete',
): IpCommand {
  const [word, value = ''] = selector.split(' ')
  return {
    ...{ tool: 'ip', namespace: scope, op, family, table, priority, protocol: ROUTE_PROTOCOL },
    selector: word === 'fwmark' ? { fwmark: value } : { from: value },
  }
}

/** As it is observed. */
function policyRule({ family, priority, selector, table }: RuleAttributes): PolicyRule {
  const [word = '', value = ''] = selector.split(' ')
  const [fwmark = '', fwmask = '0xffffffff'] = value.split('/')
  return {
    ...{ family, priority, table, protocol: ROUTE_PROTOCOL },
    from: word === 'from' ? value : 'all',
    selector: word === 'fwmark' ? { fwmark, fwmask } : {},
  }
}

/** The claim on a rule of the host. */
function claimed(attributes: Omit<RuleAttributes, 'held'>): Claimed {
  return { kind: 'rule', scope: 'host', key: ruleId(attributes) }
}
