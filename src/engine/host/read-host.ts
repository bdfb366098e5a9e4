import type { Earlier } from '../../kernel/read/earlier.ts'
import { readSnapshot } from '../../kernel/read/snapshot.ts'
import { type Journal, readClaims, readJournal } from '../../kernel/records/records.ts'
import { routesNeededFor } from '../../model/host/needed-routes.ts'
import type { JournalHead, Snapshot } from '../../model/host/snapshot.ts'
import type { Topology } from '../../model/topology.ts'
import { completeAccess, type HostAccess, type HostOptions } from './access.ts'

export interface ReadOptions extends HostOptions {
  /**
   * The topology that plans are made for: only what they depend on is read. Absent: all that any plan may depend on, which
   * takes longer.
   */
  topology?: Topology
}

/**
 * Reads the live host: links, addresses, routes, rules, settings and processes of every named namespace, both iptables
 * variants, listening sockets, and nsctl's own records. Changes nothing. Throws CommandFailed, MissingTool or NotPermitted.
 */
export async function readHost({ topology, ...options }: ReadOptions = {}): Promise<Snapshot> {
  const access = completeAccess(options)
  return topology === undefined
    ? readFor({ name: null, topologies: [], everything: true }, access)
    : readFor({ name: topology.name, topologies: [topology] }, access)
}

/** What the host is read for: a plan needs more of the namespaces that its topology declares. */
export interface ReadFor {
  /** The topology whose interrupted apply matters; null: none. */
  name: string | null
  /** The topologies that plans will be made for. */
  topologies: readonly Topology[]
  /** An earlier reading: namespaces that nothing has touched since are not entered again. */
  earlier?: Earlier | undefined
  /** Whether to read all that any plan may depend on. */
  everything?: boolean
  /**
   * Whether to read all routes however many there are, as for packets to anywhere. Else, of many thousands, those that
   * plans for the topologies depend on: the snapshot says so in `routesLeftOut`.
   */
  allRoutes?: boolean
}

/** Reads the live host, as far as plans for these topologies need it. Throws CommandFailed, MissingTool or NotPermitted. */
export async function readFor(
  { name, topologies, earlier, everything = false, allRoutes = everything }: ReadFor,
  access: Pick<HostAccess, 'run' | 'self' | 'iptables' | 'reader' | 'onProgress'>,
): Promise<Snapshot> {
  const claims = readClaims()
  const namespaces = topologies.flatMap(topology => topology.namespaces)
  const declared = namespaces.flatMap(namespace =>
    namespace.sysctls.map(({ key }) => ({ namespace: namespace.name, key })),
  )
  const claimed = claims
    .filter(({ kind }) => kind === 'sysctl')
    .map(({ scope, key }) => ({ namespace: scope, key }))
  access.onProgress({ kind: 'reading' })
  try {
    return await readSnapshot(
      access.run,
      {
        sysctls: [...declared, ...claimed],
        variant: access.iptables,
        reader: access.reader,
        program: access.self.at(-1) ?? '',
        earlier,
        everything,
        routes: allRoutes ? undefined : routesNeededFor(topologies.flatMap(networksOf)),
        rules6: namespaces.map(({ name }) => name).filter(isEntangled(topologies)),
      },
      { claims, journal: earlier?.journal ?? interruptedOf(name) },
    )
  } finally {
    access.onProgress({ kind: 'read' })
  }
}

function interruptedOf(name: string | null): JournalHead | null {
  const journal = name === null ? null : readJournal(name)
  return journal && journalHead(journal)
}

/** All that a topology declares of addresses and networks. */
function networksOf({ subnets, veths, namespaces, hostRoutes }: Topology): string[] {
  const routes = [...hostRoutes, ...namespaces.flatMap(namespace => namespace.routes)]
  return [
    ...subnets.flatMap(({ networks }) => networks),
    ...veths.flatMap(({ ends }) => ends.flatMap(({ addresses }) => addresses)),
    ...routes.flatMap(({ to, via }) =>
      to.endsWith('/0') ? (via ?? []) : [to, ...(via === null ? [] : [via])],
    ),
  ]
}

/** The part of a journal that a snapshot holds. */
export function journalHead({ topology, pid, startedAt, creates }: Journal): JournalHead {
  return { topology, pid, startedAt, creates }
}

/** Rules are for namespaces with several ends; where one was deleted by hand, the rules are all that is left of it. */
function isEntangled(topologies: readonly Topology[]): (namespace: string) => boolean {
  const ends = new Map<string, number>()
  for (const { namespace } of topologies.flatMap(({ veths }) => veths.flatMap(veth => veth.ends))) {
    ends.set(namespace, (ends.get(namespace) ?? 0) + 1)
  }
  return namespace => (ends.get(namespace) ?? 0) > 1
}
