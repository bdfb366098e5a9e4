import type { Earlier } from '../kernel/earlier.ts'
import { type Journal, readClaims, readJournal } from '../kernel/records.ts'
import { readSnapshot } from '../kernel/snapshot.ts'
import type { JournalHead, Snapshot } from '../model/snapshot.ts'
import type { Topology } from '../model/topology.ts'
import type { HostAccess } from './access.ts'

/** What the host is read for: a plan needs more of the namespaces that its topology declares. */
export interface ReadFor {
  /** The topology whose interrupted apply matters; null: none. */
  name: string | null
  /** The topologies that plans will be made for. */
  topologies: readonly Topology[]
  /** An earlier reading: namespaces that nothing has touched since are not entered again. */
  earlier?: Earlier | undefined
}

/** Reads the live host, as far as plans for these topologies need it. Throws CommandFailed, MissingTool or NotPermitted. */
export async function readFor(
  { name, topologies, earlier }: ReadFor,
  access: Pick<HostAccess, 'run' | 'self' | 'iptables' | 'reader' | 'notify'>,
): Promise<Snapshot> {
  const claims = readClaims()
  const namespaces = topologies.flatMap(topology => topology.namespaces)
  const declared = namespaces.flatMap(namespace =>
    namespace.sysctls.map(({ key }) => ({ namespace: namespace.name, key })),
  )
  const claimed = claims
    .filter(({ kind }) => kind === 'sysctl')
    .map(({ scope, key }) => ({ namespace: scope, key }))
  access.notify({ kind: 'reading' })
  try {
    return await readSnapshot(
      access.run,
      {
        sysctls: [...declared, ...claimed],
        variant: access.iptables,
        reader: access.reader,
        program: access.self.at(-1) ?? '',
        earlier,
        rules6: namespaces.map(({ name }) => name).filter(isEntangled(topologies)),
      },
      { claims, journal: earlier?.journal ?? interruptedOf(name) },
    )
  } finally {
    access.notify({ kind: 'read' })
  }
}

function interruptedOf(name: string | null): JournalHead | null {
  const journal = name === null ? null : readJournal(name)
  return journal && journalHead(journal)
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
