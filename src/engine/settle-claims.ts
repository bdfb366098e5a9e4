import { removeEmpty } from '../kernel/atomic-file.ts'
import { releaseClaims, replaceClaims } from '../kernel/records.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { settledClaims, staleClaims } from '../planner/claims.ts'
/**
 * Lets go what a topology claims and is not there, removes directories that were made for a file that is not, and has its
 * other claims say what is in force.
 */
export function settleClaims(topology: string, snapshot: Snapshot): void {
  const settled = settledClaims(topology, snapshot)
  if (settled.length > 0) replaceClaims(settled)
  const stale = staleClaims(topology, snapshot)
  if (stale.length === 0) return
  const directories = stale.filter(({ kind, holders }) => kind === 'directory' && holders.length === 1)
  const innermostFirst = directories.map(({ key }) => key).sort((a, b) => b.length - a.length)
  for (const directory of innermostFirst) removeEmpty(directory)
  releaseClaims(stale, topology)
}
