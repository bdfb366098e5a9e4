import type { Claim } from '../../model/host/snapshot.ts'
import { removeEmpty } from './atomic-file.ts'
import { writeClaims } from './records.ts'

/**
 * Records claims as they are to be, in one write, and before that removes the directories that were made for what is no
 * longer claimed, where they are empty. By who holds the lock.
 */
export function settleClaims(before: Claim[], after: Claim[]): void {
  if (before === after) return
  const kept = directoriesIn(after)
  const ended = directoriesIn(before).filter(directory => !kept.includes(directory))
  const innermostFirst = ended.sort((a, b) => b.length - a.length)
  for (const directory of innermostFirst) removeEmpty(directory)
  writeClaims(after)
}

function directoriesIn(claims: Claim[]): string[] {
  return claims.flatMap(({ kind, key }) => (kind === 'directory' ? [key] : []))
}
