import { journalHead } from '../engine/read-host.ts'
import { pendingTopologies, readClaims, readJournal } from '../kernel/records.ts'
import { readSnapshot } from '../kernel/snapshot.ts'
import type { SavedSnapshot } from '../model/snapshot.ts'
import { renderJson } from '../render/json.ts'
import type { Context, HostOptions } from './context.ts'

/** The live state as one JSON document: everything a plan may rest on, whichever topology it is for. */
export async function snapshot(options: HostOptions, context: Context): Promise<number> {
  const { iptables: variant, reader } = options
  const wanted = { sysctls: [], variant, reader, program: context.self.at(-1) ?? '', everything: true }
  const read = await readSnapshot(context.run, wanted, { claims: readClaims(), journal: null })
  const journals = pendingTopologies()
    .flatMap(topology => readJournal(topology) ?? [])
    .map(journalHead)
  const saved: SavedSnapshot = { ...read, journals }
  context.write(renderJson(saved))
  return 0
}
