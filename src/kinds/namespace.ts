import { linkNamed } from '../model/host/by-name.ts'
import { withoutPid } from '../model/host/process.ts'
import type { Link, Snapshot } from '../model/host/snapshot.ts'
import { adoptedMarkOf, groupOf, markOf, readMark } from '../model/ownership.ts'
import { isCreatedByInterrupted } from '../model/plan/created-by-interrupted.ts'
import type { Operation } from '../model/plan/plan.ts'
import type { Resource } from '../model/plan/resource.ts'
import { listOf } from '../model/text/phrases.ts'
import type { Topology } from '../model/topology.ts'
import type { Kind } from './kind.ts'
import { bearsMarks, ownsLink } from './link/link.ts'
import { addAddress, linkIn, removeLink } from './predict/links.ts'

export type NamespaceAttributes = {
  name: string
  /** Alias of its lo; null where it bears none, or only half of one. */
  mark: string | null
  group: number
  /** State of lo. Not desired of an adopted namespace, which only gets marks. */
  loopback?: 'up' | 'down'
  /** Desired only: the empty file of one that was unmounted is in its place. */
  leftover?: true
  /** Observed only: processes in it, and interfaces of others that lead out of it or are hardware. */
  processes?: string[]
  strangers?: string[]
}

/** A named network namespace; its lo carries the mark. */
export const namespace: Kind<NamespaceAttributes> = {
  name: 'namespace',
  layer: 'namespace',
  observedOnly: ['processes', 'strangers'],

  desired: (topology: Topology, snapshot) =>
    topology.namespaces.map(({ name, adopt, source }) => ({
      kind: 'namespace',
      id: namespaceId(name),
      scope: name,
      attributes: {
        name,
        mark: adopt ? adoptedMarkOf(topology.name) : markOf(topology.name),
        group: groupOf(topology.name),
        ...(adopt ? {} : { loopback: 'up' as const }),
        ...(snapshot.namespaces[name]?.leftover ? { leftover: true as const } : {}),
      },
      owned: true,
      within: [],
      reason: null,
      source,
    })),

  observed: (snapshot, topology) =>
    Object.entries(snapshot.namespaces).flatMap(([name, state]) => {
      const lo = state.links.find(link => link.name === 'lo')
      return lo ? [observedNamespace(snapshot, topology, name, lo)] : []
    }),

  create: ({ attributes }) => [
    ...(attributes.leftover ? [netns('netns-delete', attributes.name, 'namespace')] : []),
    netns('netns-add', attributes.name, 'namespace'),
    markLoopback(attributes),
  ],

  // The mark goes last: as long as anything in there is still to be given back, it has to show whose it is.
  update: (_before, { attributes }) => [
    markLoopback(attributes, attributes.mark === null ? 'unname' : 'configure'),
  ],

  remove: ({ attributes }) => [netns('netns-delete', attributes.name, 'unname')],

  giveBack: {
    left: ({ attributes }) =>
      readMark(attributes.mark)?.adopted
        ? { attributes: { ...attributes, mark: null, group: 0 }, reason: 'adopted: given back, not deleted' }
        : null,
    inForce: ({ name, ...marks }, { namespaces }) => bearsMarks(marks, namespaces[name]?.links, 'lo'),
  },

  deletion: {
    lost: 'what others made in it is lost; its processes stay behind in the old one',
    affected: ({ processes = [] }) =>
      processes.length === 0 ? [] : [`processes in it lose their way in and out: ${listOf(processes, 5)}`],
    // Without their pids: the same service after a restart is no other.
    facts: ({ processes = [] }) => ({ processes: [...new Set(processes.map(withoutPid))].sort() }),
  },

  predict: predictNamespace,
  likelyAuthor: ({ action }) => (action === 'create' ? 'ip netns delete, or a umount' : null),

  title: ({ name }) => `namespace ${name}`,
  detail: ({ mark }) => (readMark(mark)?.adopted ? 'adopted' : ''),
}

/**
 * Interfaces that would be lost to somebody else if the namespace went: hardware, and pairs that lead out of it. What
 * its tenants made for themselves (bridges, tunnels) goes with it.
 */
function strangersIn(snapshot: Snapshot, topology: string, name: string): string[] {
  const links = snapshot.namespaces[name]?.links ?? []
  return links
    .filter(link => link.name !== 'lo' && !ownsLink(topology, link))
    .filter(link => link.kind === null || (link.kind === 'veth' && link.peer?.namespace !== name))
    .map(link => link.name)
}

export function namespaceId(name: string): string {
  return `namespace/${name}`
}

/** The topology that a namespace belongs to: by the mark on its lo, or, where that is lost, by what leads into it. */
export function namespaceOwner(snapshot: Snapshot, name: string): string | null {
  const lo = snapshot.namespaces[name]?.links.find(link => link.name === 'lo')
  const owner = readMark(lo?.alias ?? null)?.topology
  return owner !== undefined && lo?.group === groupOf(owner) ? owner : witnessed(snapshot, name)
}

/** The topology whose pair leads from the host into a namespace. On the host no tenant of it can mark a link. */
function witnessed({ host }: Snapshot, name: string): string | null {
  for (const { kind, alias, group, peer } of host.links) {
    const owner = kind === 'veth' && peer?.namespace === name ? readMark(alias)?.topology : undefined
    if (owner !== undefined && group === groupOf(owner)) return owner
  }
  return null
}

/** The end that decides whose a link is: of a pair that leads to the host the one there, which no tenant can mark. */
export function decisiveEnd({ host }: Snapshot, scope: string, link: Link): Link {
  const outer =
    scope !== 'host' && link.peer?.namespace === 'host'
      ? linkNamed(host.links, link.peer.interface ?? '')
      : undefined
  return outer ?? link
}

/** Whether a link is a topology's, wherever it is; by its own mark only where the namespace is. */
export function ownsLinkIn(snapshot: Snapshot, topology: string, scope: string, link: Link): boolean {
  const end = decisiveEnd(snapshot, scope, link)
  const believed = scope === 'host' || end !== link || namespaceOwner(snapshot, scope) === topology
  return believed && ownsLink(topology, end)
}

function observedNamespace(
  snapshot: Snapshot,
  topology: string,
  name: string,
  lo: Link,
): Resource<NamespaceAttributes> {
  // Group and alias come in one message: a group alone is nothing that an interrupted apply leaves behind, but what a
  // tenant of somebody else's namespace may have put there.
  const marked = readMark(lo.alias)?.topology === topology
  const vouched = lo.alias === null && isCreatedByInterrupted(snapshot, topology, namespaceId(name))
  return {
    kind: 'namespace',
    id: namespaceId(name),
    scope: name,
    attributes: {
      name,
      mark: lo.alias,
      group: lo.group,
      loopback: lo.up ? 'up' : 'down',
      processes: (snapshot.namespaces[name]?.pids ?? []).map(({ pid, command }) => `${command} (pid ${pid})`),
      strangers: strangersIn(snapshot, topology, name),
    },
    owned: marked || vouched,
    within: [],
    reason: null,
    source: null,
  }
}

/** A new one has its loopback and nothing else; with one that goes go both ends of its pairs. */
function predictNamespace(
  { host, namespaces }: Snapshot,
  before: NamespaceAttributes | null,
  after: NamespaceAttributes | null,
): void {
  if (after === null) {
    if (before === null) return
    for (const { name, peer } of host.links) if (peer?.namespace === before.name) removeLink(host, name)
    delete namespaces[before.name]
    return
  }
  const { name, group, mark, loopback = 'up' } = after
  const state = namespaces[name]
  const exists = state !== undefined && !state.leftover
  const inside = exists ? state : { links: [], routes: [], rules: [], sysctls: {}, pids: [] }
  const lo = linkIn(inside, 'lo')
  Object.assign(lo, { group, alias: mark, up: loopback === 'up' })
  if (exists) return
  namespaces[name] = inside
  for (const address of ['127.0.0.1/8', '::1/128']) addAddress(inside, lo, address)
}

function netns(op: 'netns-add' | 'netns-delete', name: string, stage: Operation['stage']): Operation {
  return { stage, command: { tool: 'ip', namespace: 'host', op, name } }
}

function markLoopback(
  { name, mark, group, loopback }: NamespaceAttributes,
  stage: Operation['stage'] = 'configure',
): Operation {
  return {
    stage,
    command: {
      ...{ tool: 'ip', namespace: name, op: 'link-set', dev: 'lo', group, alias: mark ?? '' },
      ...(loopback ? { state: loopback } : {}),
    },
  }
}
