import { nameIn } from '../engine/files.ts'
import { readEvidence } from '../kernel/read-evidence.ts'
import { readNamespaceListeners } from '../kernel/read-listeners.ts'
import { isAlive, readSuspensions, readWatch } from '../kernel/watch-records.ts'
import { observedState } from '../kinds/all.ts'
import { ownsLink } from '../kinds/link.ts'
import { isIpv6LinkLocal } from '../kinds/link-local.ts'
import { namespaceOwner } from '../kinds/namespace.ts'
import type { Change } from '../model/plan.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Status } from '../model/status.ts'
import { likelyAuthor } from '../planner/author.ts'
import { publishedPorts } from '../planner/published.ts'
import { topologiesOn } from '../planner/topologies.ts'
import { renderStatus, statusJson } from '../render/status.ts'
import { type Context, type HostOptions, Refused } from './context.ts'
import { readLive } from './live.ts'
import { syncOf } from './sync.ts'

export interface StatusOptions extends HostOptions {
  format: 'text' | 'json'
  detailedExitcode: boolean
}

/** The live objects of a topology: addresses, published ports and whether something listens, drift, history. */
export async function status(
  target: string | undefined,
  options: StatusOptions,
  context: Context,
): Promise<number> {
  const named = target === undefined ? null : await nameIn(target, context)
  const snapshot = await readLive(context, options, named)
  const name = chosen(named, topologiesOn(snapshot))
  const namespaces = Object.keys(snapshot.namespaces).filter(one => namespaceOwner(snapshot, one) === name)
  const listeners = await readNamespaceListeners(context.run, namespaces)
  const sync = syncOf(name, observedState(snapshot, name))
  const found: Status = {
    topology: name,
    sync,
    authors: authorsOf(sync.drift, snapshot),
    ...watchingOf(name),
    places: placesOf(snapshot, name, namespaces),
    published: publishedPorts(snapshot, name, listeners),
  }
  context.write(options.format === 'json' ? statusJson(found) : renderStatus(found, context.colors))
  return options.detailedExitcode && found.sync.state !== 'in-sync' ? 2 : 0
}

function chosen(named: string | null, known: string[]): string {
  const [only] = known
  if (named !== null) {
    if (known.includes(named)) return named
    throw new Refused(`nothing of ${named} on this host; topologies here: ${known.join(', ') || 'none'}`)
  }
  if (only === undefined) throw new Refused('no topology on this host')
  if (known.length > 1) throw new Refused(`several topologies on this host: ${known.join(', ')}; name one`)
  return only
}

function authorsOf(drift: Change[], snapshot: Snapshot): Status['authors'] {
  if (drift.length === 0) return {}
  const evidence = readEvidence()
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
