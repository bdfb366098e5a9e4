import { KINDS } from '../kinds/all.ts'
import { type Kinds, kindOf, type Layer } from '../kinds/kind.ts'
import type { Change } from '../model/plan/plan.ts'

/** A namespace takes its links along, and a link what is configured on it. */
const TAKEN_ALONG: Record<Layer, readonly Layer[]> = {
  namespace: ['link', 'network'],
  link: ['network'],
  network: [],
  host: [],
}

/** What somebody has done to the host: what only went along with a namespace, or a link, is not counted. */
export function rootsOf<T extends Pick<Change, 'kind'>>(changes: readonly T[], kinds: Kinds = KINDS): T[] {
  const layerOf = ({ kind }: T) => kindOf(kind, kinds).layer
  const along = new Set(changes.flatMap(change => TAKEN_ALONG[layerOf(change)]))
  return changes.filter(change => !along.has(layerOf(change)))
}
