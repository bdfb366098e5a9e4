import { pendingTopologies, readJournal } from '../../kernel/records/records.ts'
import type { SavedSnapshot } from '../../model/host/snapshot.ts'
import type { HostOptions } from '../host/access.ts'
import { journalHead, readHost } from '../host/read-host.ts'

/** The live state as one document: everything that a plan may rest on, whichever topology it is for. */
export async function takeSnapshot(options: HostOptions = {}): Promise<SavedSnapshot> {
  const snapshot = await readHost(options)
  const journals = pendingTopologies().flatMap(topology => readJournal(topology) ?? [])
  return { ...snapshot, journals: journals.map(journalHead) }
}
