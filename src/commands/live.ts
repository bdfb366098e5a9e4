import { readClaims, readJournal } from '../kernel/records.ts'
import { readSnapshot } from '../kernel/snapshot.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Topology } from '../model/topology.ts'
import { renderDiagnostics } from '../render/diagnostics.ts'
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
  const { topology, warnings } = loadTopology(text, path, context.environment)
  if (warnings.length > 0) context.say(renderDiagnostics(warnings, 'text', context.errorColors))
  return { topology: { ...topology, accept: [...topology.accept, ...accept] }, text }
}

/** The live host, as far as plans for these topologies need it. */
export async function readLive(
  context: Context,
  options: HostOptions,
  name: string | null,
  topology: Topology | null = null,
): Promise<Snapshot> {
  const claims = readClaims()
  const declared = (topology?.namespaces ?? []).flatMap(namespace =>
    namespace.sysctls.map(({ key }) => ({ namespace: namespace.name, key })),
  )
  const claimed = claims
    .filter(({ kind }) => kind === 'sysctl')
    .map(({ scope, key }) => ({ namespace: scope, key }))
  const journal = name === null ? null : readJournal(name)
  return readSnapshot(
    context.run,
    { sysctls: [...declared, ...claimed], variant: options.iptables },
    {
      claims,
      journal: journal && {
        topology: journal.topology,
        pid: journal.pid,
        startedAt: journal.startedAt,
        creates: journal.creates,
      },
    },
  )
}
