import { distance } from 'fastest-levenshtein'

/** The candidate that a mistyped name most likely meant, or null where none is near, or several are. */
function nearest(name: string, candidates: Iterable<string>): string | null {
  const limit = name.length < 3 ? 0 : name.length < 4 ? 1 : Math.max(2, Math.floor(name.length / 3))
  let best: string | null = null
  let least = limit + 1
  let tied = false
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > least) continue
    const far = distance(name.toLowerCase(), candidate.toLowerCase())
    if (far === least && far <= limit) tied = true
    if (far < least) [best, least, tied] = [candidate, far, false]
  }
  return tied ? null : best
}

/** `did you mean …?`, as a list so that it can be spread into notes. */
export function didYouMean(name: string, candidates: Iterable<string>): string[] {
  const near = name.length > 100 ? null : nearest(name, candidates)
  return near === null ? [] : [`did you mean ${near}?`]
}
