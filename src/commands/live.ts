import type { Earlier } from '../kernel/earlier.ts'
import { type Journal, readClaims, readJournal } from '../kernel/records.ts'
import { readSnapshot } from '../kernel/snapshot.ts'
import type { JournalHead, Snapshot } from '../model/snapshot.ts'
import type { Topology } from '../model/topology.ts'
import { renderDiagnostics } from '../render/diagnostics.ts'
import { accepting } from '../topology/accepting.ts'
import { loadTopology } from '../topology/load.ts'
import type { Context, HostOptions } from './context.ts'
import { readText } from './files.ts'

/** A topology as its file has it; its warnings are said, its errors thrown as InvalidTopology. */
export async function readTopology(
  path: string,
  context: Context,
  accept: string[] = [],
): Promise<{ topology: Topology; text: string }> {
  const text = await readText(path)
  return { topology: topologyIn(text, path, context, accept), text }
}

/** The same from a text that was read already. */
export function topologyIn(
  text: string,
  path: string,
  context: Pick<Context, 'environment' | 'say' | 'errorColors'>,
  accept: string[],
): Topology {
  const { topology, warnings } = loadTopology(text, path, context.environment)
  if (warnings.length > 0) context.say(renderDiagnostics(warnings, 'text', context.errorColors))
  return accepting(accept, topology)
}

/** The live host, as far as plans for these topologies need it. */
export async function readLive(
  context: Context,
  options: HostOptions,
  name: string | null,
  topology: Topology | null = null,
  earlier?: Earlier,
): Promise<Snapshot> {
  return readFor(context, options, name, topology ? [topology] : [], earlier)
}

/** The same for several at once, none of which has been cut off: one reading for all. */
export async function readLiveFor(
  context: Context,
  options: HostOptions,
  topologies: readonly Topology[],
): Promise<Snapshot> {
  return readFor(context, options, null, topologies)
}

async function readFor(
  context: Context,
  options: HostOptions,
  name: string | null,
  topologies: readonly Topology[],
  earlier?: Earlier,
): Promise<Snapshot> {
  const claims = readClaims()
  const namespaces = topologies.flatMap(topology => topology.namespaces)
  const declared = namespaces.flatMap(namespace =>
    namespace.sysctls.map(({ key }) => ({ namespace: namespace.name, key })),
  )
  const claimed = claims
    .filter(({ kind }) => kind === 'sysctl')
    .map(({ scope, key }) => ({ namespace: scope, key }))
  const journal = earlier?.journal ?? interruptedOf(name)
  const done = context.waiting('reading the host')
  try {
    return await readSnapshot(
      context.run,
      {
        sysctls: [...declared, ...claimed],
        variant: options.iptables,
        reader: options.reader,
        program: context.self.at(-1) ?? '',
        earlier,
        rules6: namespaces.map(({ name }) => name).filter(isEntangled(topologies)),
      },
      { claims, journal },
    )
  } finally {
    done()
  }
}

function interruptedOf(name: string | null): JournalHead | null {
  const journal = name === null ? null : readJournal(name)
  return journal && journalHead(journal)
}

/** What a snapshot holds of a journal. */
export function journalHead(journal: Journal): JournalHead {
  const { topology, pid, startedAt, creates } = journal
  return { topology, pid, startedAt, creates }
}

/** Rules are for namespaces with several ends; where one was taken away by hand, they are all that is left of it. */
function isEntangled(topologies: readonly Topology[]): (namespace: string) => boolean {
  const ends = new Map<string, number>()
  for (const { namespace } of topologies.flatMap(({ veths }) => veths.flatMap(veth => veth.ends))) {
    ends.set(namespace, (ends.get(namespace) ?? 0) + 1)
  }
  return namespace => (ends.get(namespace) ?? 0) > 1
}
