import { linkNamed } from '../../model/host/by-name.ts'
import { networkIn } from '../../model/host/scope.ts'
import type { Claim, Snapshot } from '../../model/host/snapshot.ts'
import { readMark } from '../../model/ownership.ts'
import type { Operation } from '../../model/plan/plan.ts'
import type { Resource } from '../../model/plan/resource.ts'
import type { Kind } from '../kind.ts'
import { authorOfSetting } from '../likely-author.ts'
import { ownsLink } from '../link/link.ts'
import { linkId } from '../link/link-id.ts'
import { namespaceId, namespaceOwner } from '../namespace.ts'
import { type Claimed, claimOn, claimValue } from './claim.ts'
import { forwardingSettings, isOwnLinkSetting, type Setting } from './forwarding.ts'

export type SysctlAttributes = {
  scope: string
  /** With `/` as separator, as below /proc/sys. */
  key: string
  value: string
  /** Whether a claim remembers the value before; needless on links that die with the topology. */
  held: boolean
  /** Observed only: the value once given back, and why it is that one. */
  giveBack?: { value: string; reason: string }
  /** Observed only: what it is claimed as while its interface is about to get another name. */
  claimedAs?: string
}

/** A kernel setting: on own links, on uplinks and adopted links (by claim), and inside namespaces (by claim). */
export const sysctl: Kind<SysctlAttributes> = {
  name: 'sysctl',
  layer: 'network',
  observedOnly: ['giveBack', 'claimedAs'],

  desired: (topology, snapshot) => [
    ...forwardingSettings(topology, snapshot).map(setting =>
      desiredSysctl(snapshot, { scope: 'host', ...setting }),
    ),
    ...topology.namespaces.flatMap(namespace =>
      namespace.sysctls.map(({ key, value, source }) =>
        desiredSysctl(snapshot, {
          scope: namespace.name,
          key,
          value,
          claims: true,
          within: [namespaceId(namespace.name)],
          reason: null,
          source,
        }),
      ),
    ),
  ],

  observed: (snapshot, topology) => {
    const namespaces = Object.entries(snapshot.namespaces).filter(
      ([name]) => namespaceOwner(snapshot, name) === topology,
    )
    return [
      ...Object.entries(snapshot.host.sysctls).map(([key, value]) =>
        observedSysctl(snapshot, topology, 'host', key, value),
      ),
      ...namespaces.flatMap(([name, { sysctls }]) =>
        Object.entries(sysctls).map(([key, value]) => observedSysctl(snapshot, topology, name, key, value)),
      ),
    ]
  },

  create: ({ attributes }) => [...(attributes.held ? [claim(attributes, null)] : []), write(attributes)],

  update: ({ attributes: before }, { attributes }) => [
    ...(attributes.held && (!before.held || before.value !== attributes.value)
      ? [claim(attributes, before.claimedAs && before.giveBack ? before.giveBack.value : before.value)]
      : []),
    ...(attributes.value === before.value ? [] : [write(attributes)]),
  ],

  // One that is held goes only with its link or namespace: nothing is written. The others are reset before a link is
  // renamed: later its name is not there any more.
  remove: ({ attributes }) =>
    attributes.held || attributes.claimedAs ? [] : [write({ ...attributes, value: '0' }, 'quiesce')],

  onInterface: {
    interfaceOf: ({ key }) => interfaceIn(key),
    renamed: (resource, to) => {
      const { scope, key: from, held } = resource.attributes
      const key = from.replace(/^(net\/ipv[46]\/conf\/)[^/]+/, (_, path: string) => `${path}${to}`)
      const claim = held ? { held: false, claimedAs: from } : {}
      return {
        ...resource,
        id: sysctlId(scope, key),
        attributes: { ...resource.attributes, key, ...claim },
      }
    },
  },

  claims: {
    shared: true,
    of: ({ attributes: { scope, key, held, claimedAs } }) =>
      held || claimedAs ? [claimed({ scope, key: claimedAs ?? key })] : [],
    value: ({ value }) => value,
  },

  giveBack: {
    left: ({ attributes: { giveBack, claimedAs: _, ...attributes } }) =>
      giveBack
        ? { attributes: { ...attributes, value: giveBack.value, held: false }, reason: giveBack.reason }
        : null,
    inForce: ({ scope, key, value }, snapshot) => {
      const live = networkIn(snapshot, scope)?.sysctls[key]
      return live === undefined || live === value
    },
  },

  // One that goes with its link leaves nothing behind that a packet could meet.
  predict: (snapshot, before, after) => {
    const setting = after ?? before
    const network = setting && networkIn(snapshot, setting.scope)
    if (!network) return
    if (after === null) delete network.sysctls[setting.key]
    else network.sysctls[after.key] = after.value
  },

  likelyAuthor: authorOfSetting,

  title: ({ key }) => `sysctl ${shortKey(key)}`,
  detail: ({ value }) => value,
  differences: (before, after) => [
    before.value === after.value ? after.value : `${before.value} -> ${after.value}`,
  ],
}

type Wanted = Setting & { scope: string }

function desiredSysctl(snapshot: Snapshot, wanted: Wanted): Resource<SysctlAttributes> {
  const { scope, key, value, claims, within, reason, source } = wanted
  const live = networkIn(snapshot, scope)?.sysctls[key]
  // A value that somebody else had set already is theirs: without a claim destroy leaves it alone.
  const held = claims && (live !== value || claimOn(snapshot, claimed(wanted)) !== undefined)
  return {
    kind: 'sysctl',
    id: sysctlId(scope, key),
    scope,
    attributes: { scope, key, value, held },
    owned: true,
    within,
    reason,
    source,
  }
}

function observedSysctl(
  snapshot: Snapshot,
  topology: string,
  scope: string,
  key: string,
  value: string,
): Resource<SysctlAttributes> {
  const found = claimOn(snapshot, claimed({ scope, key }))
  const held = found?.holders.includes(topology) ?? false
  const link = scope === 'host' ? ownLinkOf(snapshot, topology, key) : undefined
  const bornOurs =
    link !== undefined &&
    !readMark(link.alias)?.adopted &&
    isOwnLinkSetting(key) &&
    value === '1' &&
    value !== valueAtBirth(snapshot, key)
  const giveBack = found && held ? valueAfter(snapshot, found, topology, value) : undefined
  return {
    kind: 'sysctl',
    id: sysctlId(scope, key),
    scope,
    attributes: { scope, key, value, held, ...(giveBack ? { giveBack } : {}) },
    owned: held || bornOurs,
    within: [...(link ? [linkId('host', link)] : []), ...(scope === 'host' ? [] : [namespaceId(scope)])],
    // Only told when it goes while its link stays.
    reason: bornOurs && !held ? 'not needed any more' : null,
    source: null,
  }
}

/** What the kernel gives every new link is nothing of ours: 1 where the host as a whole forwards, as with Docker. */
function valueAtBirth({ host }: Snapshot, key: string): string | undefined {
  return host.sysctls[key.replace(/(\/conf)\/.+\/([^/]+)$/, '$1/default/$2')]
}

function sysctlId(scope: string, key: string): string {
  return `sysctl/${scope}/${key}`
}

/** What a claimed value becomes when this topology lets go: ownership.md's rule 5. */
function valueAfter(
  snapshot: Snapshot,
  found: Claim,
  topology: string,
  value: string,
): { value: string; reason: string } {
  const others = found.holders.filter(holder => holder !== topology)
  if (others.length > 0) return { value, reason: `still needed by ${others.join(', ')}` }
  if (found.before === null) return { value, reason: 'the value before is not known: left as it is' }
  if (value !== found.set && value !== found.replaces)
    return { value, reason: `changed by somebody else since (nsctl had set ${found.set}): left as it is` }
  if (forwardingHasRisen(snapshot, found)) {
    return {
      value,
      reason: 'somebody else has switched forwarding on for the whole host since, and relies on it: left on',
    }
  }
  return { value: found.before, reason: 'the value before' }
}

/** Whether somebody has switched forwarding on for the whole host since the claim: they now rely on it. */
export function forwardingHasRisen(snapshot: Snapshot, { allForwarding, key, kind }: Claim): boolean {
  const family = key.includes('ipv6') ? 'ipv6' : 'ipv4'
  const whole = `net/${family}/conf/all/forwarding`
  // What is not about one interface's forwarding is not what others would rely on; the whole host's is ours itself then.
  if (key === whole || (kind === 'sysctl' && !key.endsWith('/forwarding'))) return false
  const byUs = claimOn(snapshot, claimed({ scope: 'host', key: whole })) !== undefined
  return allForwarding === '0' && snapshot.host.sysctls[whole] === '1' && !byUs
}

function claimed({ scope, key }: Pick<SysctlAttributes, 'scope' | 'key'>): Claimed {
  return { kind: 'sysctl', scope, key }
}

function ownLinkOf(snapshot: Snapshot, topology: string, key: string) {
  const link = linkNamed(snapshot.host.links, interfaceIn(key) ?? '')
  return link && ownsLink(topology, link) ? link : undefined
}

function interfaceIn(key: string): string | null {
  return /^net\/ipv[46]\/conf\/([^/]+)\//.exec(key)?.[1] ?? null
}

/** `ens5 forwarding` for net/ipv4/conf/ens5/forwarding; the whole key, dotted, for what is no interface's. */
function shortKey(key: string): string {
  const match = /^net\/(ipv[46])\/conf\/([^/]+)\/(.+)$/.exec(key)
  if (!match) return key.replaceAll('/', '.')
  return `${match[2]} ${match[3]}${match[1] === 'ipv6' ? ' (IPv6)' : ''}`
}

function claim(attributes: SysctlAttributes, before: string | null): Operation {
  const operation = claimValue(claimed(attributes), before, attributes.value)
  // Before a namespace exists nobody can know the value before: it is read when all links are there.
  return attributes.scope === 'host' ? operation : { ...operation, stage: 'record' }
}

function write({ scope, key, value }: SysctlAttributes, stage: Operation['stage'] = 'sysctl'): Operation {
  return { stage, command: { tool: 'sysctl', namespace: scope, key, value } }
}
