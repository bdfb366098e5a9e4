import { removeEmpty } from '../kernel/atomic-file.ts'
import { releaseClaims } from '../kernel/records.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { staleClaims } from '../planner/claims.ts'

/** Lets go what a topology claims and is not there, and removes directories that were made for a file that is not. */
export function forgetStaleClaims(topology: string, snapshot: Snapshot): void {
  const stale = staleClaims(topology, snapshot)
  if (stale.length === 0) return
  const directories = stale.filter(({ kind, holders }) => kind === 'directory' && holders.length === 1)
  const innermostFirst = directories.map(({ key }) => key).sort((a, b) => b.length - a.length)
  for (const directory of innermostFirst) removeEmpty(directory)
  releaseClaims(stale, topology)
}
