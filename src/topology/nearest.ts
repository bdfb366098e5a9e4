import { distance } from 'fastest-levenshtein'

/** The candidate that a mistyped name most likely meant, or null where none is near. */
export function nearest(name: string, candidates: Iterable<string>): string | null {
  const limit = Math.max(1, Math.floor(name.length / 3))
  let best: string | null = null
  let least = limit + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= least) continue
    const far = distance(name.toLowerCase(), candidate.toLowerCase())
    if (far < least) [best, least] = [candidate, far]
  }
  return best
}

/** `did you mean …?`, as a list so that it can be spread into notes. */
export function didYouMean(name: string, candidates: Iterable<string>): string[] {
  const near = name.length > 100 ? null : nearest(name, candidates)
  return near === null ? [] : [`did you mean ${near}?`]
}

/** A list of names for a note, cut where it would fill the screen. */
export function listOf(names: Iterable<string>, most = 12): string {
  const all = [...names]
  if (all.length === 0) return 'none'
  const shown = all.slice(0, most).join(', ')
  return all.length > most ? `${shown} and ${all.length - most} more` : shown
}
