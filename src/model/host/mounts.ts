/** One line of a process's mountinfo, as far as it tells where a mount is seen. */
interface Mount {
  point: string
  /** The group of mounts in which each sees what is mounted in the others; null: a mount by itself. */
  shared: string | null
  /** The group from which it only receives. */
  master: string | null
}

/**
 * Whether what is mounted in a directory is seen by a process with mounts of its own.
 *
 * @param own /proc/self/mountinfo
 * @param theirs the same of the other process
 */
export function isSeenBy(own: string, theirs: string, directory: string): boolean {
  const here = holding(parseMounts(own), directory)
  const there = holding(parseMounts(theirs), directory)
  const group = here?.shared ?? null
  return group !== null && (there?.shared === group || there?.master === group)
}

/** The mount that a directory lies in: of those on its way the deepest, and of several in one place the last. */
function holding(mounts: Mount[], directory: string): Mount | undefined {
  const around = mounts.filter(
    ({ point }) => directory === point || directory.startsWith(point.replace(/\/?$/, '/')),
  )
  const deepest = Math.max(...around.map(({ point }) => point.length))
  return around.findLast(({ point }) => point.length === deepest)
}

/** `36 35 98:0 /root /point options shared:1 master:2 - type source options`. */
function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap(line => {
    const [fixed = ''] = line.split(' - ')
    const [, , , , point, , ...tags] = fixed.split(' ')
    const tagged = (name: string) =>
      tags.find(tag => tag.startsWith(`${name}:`))?.slice(name.length + 1) ?? null
    return point === undefined ? [] : [{ point, shared: tagged('shared'), master: tagged('master') }]
  })
}
