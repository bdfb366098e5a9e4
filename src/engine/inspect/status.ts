import { readAuthorHints } from '../../kernel/inspect/author-hints.ts'
import { readNamespaceListeners } from '../../kernel/read/listeners.ts'
import { isAlive, readSuspensions, readWatch } from '../../kernel/records/watch-records.ts'
import { observedState } from '../../kinds/all.ts'
import { ownsLink } from '../../kinds/link/link.ts'
import { isIpv6LinkLocal } from '../../kinds/link/link-local.ts'
import { namespaceOwner } from '../../kinds/namespace.ts'
import { linkCalled } from '../../model/host/by-name.ts'
import type { Listener, Snapshot } from '../../model/host/snapshot.ts'
import type { Change } from '../../model/plan/plan.ts'
import type { PublishedPort, Status, Sync, UplinkState } from '../../model/plan/status.ts'
import { likelyAuthor } from '../../planner/likely-author.ts'
import { declaredPorts, publishedPorts, withMissing } from '../../planner/published.ts'
import { topologiesOn } from '../../planner/topologies-on-host.ts'
import { completeAccess, type HostOptions } from '../host/access.ts'
import { readFor } from '../host/read-host.ts'
import { syncOf } from './sync.ts'

export type StatusOutcome =
  | { kind: 'status'; status: Status }
  /** No such topology on this host, or none at all: `topology` is null where none was named. */
  | { kind: 'absent'; topology: string | null; present: string[] }
  /** None was named, and there are several. */
  | { kind: 'several'; topologies: string[] }

/**
 * The live objects of a topology: addresses, published ports and whether a process listens, drift, history. Throws where
 * the host cannot be read.
 *
 * @param name of the topology; null: the only one on the host
 */
export async function status(name: string | null, options: HostOptions = {}): Promise<StatusOutcome> {
  const access = completeAccess(options)
  const snapshot = await readFor({ name, topologies: [] }, access)
  const present = topologiesOn(snapshot)
  if (name === null && present.length > 1) return { kind: 'several', topologies: present }
  const topology = name ?? present[0]
  if (topology === undefined || !present.includes(topology))
    return { kind: 'absent', topology: name, present }
  const namespaces = Object.keys(snapshot.namespaces).filter(
    one => namespaceOwner(snapshot, one) === topology,
  )
  const listeners = await readNamespaceListeners(access.run, namespaces)
  const sync = syncOf(topology, observedState(snapshot, topology), snapshot)
  const found: Status = {
    topology,
    sync,
    authors: authorsOf(sync.drift, snapshot),
    ...watchingOf(topology),
    places: placesOf(snapshot, topology, namespaces),
    published: portsOf(snapshot, topology, listeners, sync),
    uplinks: (sync.applied?.uplinks ?? []).map(name => uplinkState(name, snapshot)),
  }
  return { kind: 'status', status: found }
}

/** Those of the live rules, and those that were applied and are not among them. */
function portsOf(
  snapshot: Snapshot,
  topology: string,
  listeners: Map<string, Listener[]>,
  { applied, drift }: Sync,
): PublishedPort[] {
  const live = publishedPorts(snapshot, topology, listeners)
  if (applied === null) return live
  return withMissing(live, declaredPorts(applied.desired, snapshot, listeners), drift)
}

function uplinkState(name: string, { host }: Snapshot): UplinkState {
  const link = linkCalled(host.links, name)
  return { name, state: link === undefined ? 'missing' : link.up ? 'up' : 'down' }
}

function authorsOf(drift: Change[], snapshot: Snapshot): Status['authors'] {
  if (drift.length === 0) return {}
  const evidence = readAuthorHints()
  return Object.fromEntries(
    drift.flatMap(change => {
      const author = likelyAuthor(change, drift, snapshot, evidence)
      return author === null ? [] : [[change.id, author]]
    }),
  )
}

function watchingOf(name: string): Pick<Status, 'watcher' | 'suspended'> {
  const record = readWatch(name)
  const { everything, topologies } = readSuspensions()
  return {
    watcher: record && { ...record, alive: isAlive(record) },
    suspended: everything ?? topologies[name] ?? null,
  }
}

/** The topology's links with their addresses, in each of its namespaces and on the host. */
function placesOf(snapshot: Snapshot, topology: string, namespaces: string[]): Status['places'] {
  const states = [
    ...namespaces.map(name => ({ name, state: snapshot.namespaces[name] })),
    { name: 'host', state: snapshot.host },
  ]
  return states.map(({ name, state }) => ({
    name,
    processes: name === 'host' ? [] : (snapshot.namespaces[name]?.pids ?? []),
    links: (state?.links ?? [])
      .filter(link => link.name !== 'lo' && ownsLink(topology, link))
      .map(link => ({
        name: link.name,
        state: link.up ? ('up' as const) : ('down' as const),
        mtu: link.mtu,
        peer: link.peer ? `${link.peer.namespace ?? '?'}:${link.peer.interface ?? '?'}` : null,
        master: link.master,
        rate: link.qdisc?.rate ?? null,
        addresses: link.addresses.map(({ address }) => address).filter(address => !isIpv6LinkLocal(address)),
      })),
  }))
}
