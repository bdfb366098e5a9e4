import type { JournalHead, Snapshot } from '../host/snapshot.ts'

/** Whether an apply of the topology that broke off may have made a resource and not marked it yet. */
export function isCreatedByInterrupted({ journal }: Snapshot, topology: string, id: string): boolean {
  return journal?.topology === topology && createsOf(journal).has(id)
}

/** Asked for each of thousands of objects. */
const sets = new WeakMap<JournalHead, Set<string>>()

function createsOf(journal: JournalHead): Set<string> {
  const creates = sets.get(journal) ?? new Set(journal.creates)
  sets.set(journal, creates)
  return creates
}
