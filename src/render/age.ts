const UNITS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
] as const

/** `3 min ago`; the largest unit of which there are at least two. Both in milliseconds since 1970. */
export function formatAge(then: number, now: number): string {
  const seconds = Math.round((now - then) / 1000)
  if (Number.isNaN(seconds)) return '-'
  if (seconds < 0) return 'in the future'
  const [size, unit] = UNITS.find(([length]) => seconds >= 2 * length) ?? [1, 's']
  return `${Math.floor(seconds / size)} ${unit} ago`
}
