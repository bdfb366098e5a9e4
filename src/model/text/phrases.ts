/** `1 veth pair`, `2 veth pairs`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** A list of names for people, cut where it would fill the screen: `a, b and 3 more`. */
export function listOf(names: Iterable<string>, most = 12): string {
  const all = [...names]
  if (all.length === 0) return 'none'
  const shown = all.slice(0, most).join(', ')
  return all.length > most ? `${shown} and ${all.length - most} more` : shown
}
