import { kindOf, observedState } from '../kinds/all.ts'
import type { Claim, Snapshot } from '../model/snapshot.ts'

/**
 * A topology's claims on what is not there: of an apply that was killed after it had claimed and before it had made
 * it, or of a removal that was killed before it let go. What comes to stand there later would be taken for nsctl's.
 */
export function staleClaims(topology: string, snapshot: Snapshot): Claim[] {
  const owned = [...observedState(snapshot, topology).values()].filter(resource => resource.owned)
  const used = new Set(
    owned
      .flatMap(resource => kindOf(resource.kind).remove(resource))
      .flatMap(({ command }) => (command.tool === 'release' ? [idOf(command)] : [])),
  )
  return snapshot.claims.filter(claim => claim.holders.includes(topology) && !used.has(idOf(claim)))
}

function idOf({ kind, scope, key }: Pick<Claim, 'kind' | 'scope' | 'key'>): string {
  return `${kind} ${scope} ${key}`
}
