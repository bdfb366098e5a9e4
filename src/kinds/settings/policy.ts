import { FAMILIES, type Family, familiesOf } from '../../model/address.ts'
import type { RestoreLine } from '../../model/command/iptables.ts'
import { forwardPolicy } from '../../model/host/iptables.ts'
import type { Claim, Snapshot, Variant } from '../../model/host/snapshot.ts'
import type { Operation } from '../../model/plan/plan.ts'
import type { Topology } from '../../model/topology.ts'
import type { Kind } from '../kind.ts'
import { authorOfRules } from '../likely-author.ts'
import { builtInChain, tableIn } from '../predict/tables.ts'
import { type Claimed, claimOn, claimValue } from './claim.ts'
import { forwardingHasRisen } from './sysctl.ts'

export type PolicyAttributes = {
  family: Family
  variant: Variant
  value: string
  held: boolean
  /** Observed only: the policy once given back, and why it is that one. */
  giveBack?: { value: string; reason: string }
}

/** The FORWARD policy, only where the file asks for it: others live by the one there is. */
export const policy: Kind<PolicyAttributes> = {
  name: 'policy',
  layer: 'host',
  observedOnly: ['giveBack'],

  desired: (topology, snapshot) =>
    topology.forwardPolicy === 'keep'
      ? []
      : familiesOf(addressesOf(topology)).map(family => {
          const live = forwardPolicy(snapshot.firewall[family])
          const held = live !== 'DROP' || claimOn(snapshot, claimed(family)) !== undefined
          return {
            kind: 'policy' as const,
            id: policyId(family),
            scope: 'host',
            attributes: { family, variant: snapshot.firewall.variant, value: 'DROP', held },
            owned: true,
            within: [],
            reason: 'host.forward-policy: drop',
            source: topology.source,
          }
        }),

  observed: (snapshot, topology) =>
    FAMILIES.map(family => {
      const value = forwardPolicy(snapshot.firewall[family])
      const found = claimOn(snapshot, claimed(family))
      const held = found?.holders.includes(topology) ?? false
      const giveBack = found && held ? policyAfter(snapshot, found, topology, value) : undefined
      return {
        kind: 'policy',
        id: policyId(family),
        scope: 'host',
        attributes: {
          family,
          variant: snapshot.firewall.variant,
          value,
          held,
          ...(giveBack ? { giveBack } : {}),
        },
        owned: held,
        within: [],
        reason: null,
        source: null,
      }
    }),

  create: ({ attributes }) => [write(attributes, 'guard')],

  update: (before, { attributes }) => [
    ...(attributes.held && !before.attributes.held
      ? [claimValue(claimed(attributes.family), before.attributes.value, attributes.value)]
      : []),
    ...(attributes.value === before.attributes.value
      ? []
      : [write(attributes, attributes.value === 'DROP' ? 'guard' : 'unguard')]),
  ],

  remove: () => [],

  claims: {
    shared: true,
    of: ({ attributes: { family, held } }) => (held ? [claimed(family)] : []),
    value: ({ value }) => value,
  },

  giveBack: {
    left: ({ attributes: { giveBack, ...attributes } }) =>
      giveBack
        ? { attributes: { ...attributes, value: giveBack.value, held: false }, reason: giveBack.reason }
        : null,
    inForce: ({ family, value }, { firewall }) => forwardPolicy(firewall[family]) === value,
  },

  predict: (snapshot, _before, after) => {
    if (after !== null)
      builtInChain(tableIn(snapshot, { ...after, table: 'filter' }), 'FORWARD').policy = after.value
  },

  likelyAuthor: authorOfRules,

  title: ({ family }) => `policy FORWARD${family === 'ipv6' ? ' (IPv6)' : ''}`,
  detail: ({ value }) => value,
  differences: (before, after) => [
    before.value === after.value ? after.value : `${before.value} -> ${after.value}`,
  ],
}

function policyId(family: Family): string {
  return `policy/host/${family}/FORWARD`
}

function policyAfter(snapshot: Snapshot, found: Claim, topology: string, value: string) {
  const others = found.holders.filter(holder => holder !== topology)
  if (others.length > 0) return { value, reason: `still wanted by ${others.join(', ')}` }
  if (found.before === null || value !== found.set)
    return { value, reason: 'changed by somebody else since: left as it is' }
  if (forwardingHasRisen(snapshot, found)) {
    return {
      value,
      reason: 'somebody else has switched forwarding on since, and may rely on the policy: left as it is',
    }
  }
  return { value: found.before, reason: 'the policy before' }
}

function addressesOf({ veths }: Topology): string[] {
  return veths.flatMap(({ ends }) => ends.flatMap(({ addresses }) => addresses))
}

function claimed(family: Family): Claimed {
  return { kind: 'policy', scope: 'host', key: `${family}/FORWARD` }
}

/** The one case in which a built-in chain's line is written: its policy is what is asked for. */
function write({ family, variant, value }: PolicyAttributes, stage: Operation['stage']): Operation {
  const lines: RestoreLine[] = [{ op: 'declare', chain: 'FORWARD', policy: value }]
  return { stage, command: { tool: 'iptables-restore', family, variant, table: 'filter', lines } }
}
