import { FAMILIES, familyOf } from '../../model/address.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import { listOf } from '../../model/text/phrases.ts'
import type { ImportedEntry, LeftOut } from './imported.ts'
import type { FoundPair } from './pairs.ts'
import { type ForeignRule, isLetThrough } from './rules.ts'

/** More would hide what they say; who means them can write them shorter. */
const MOST_PAIRS = 8

const MOST_NAMED = 8

const MANY =
  'namespaces may open connections to each other today; once applied only through published ports, or as allow: says'
const DOUBT =
  'rules of FORWARD that are not understood decide on these direct paths; once applied they are closed: '

/**
 * Direct paths that the host opens today: nsctl keeps apart what no file lets meet. `nameOf`: a pair's subnet, or its
 * namespace.
 */
export function directPaths(
  pairs: readonly FoundPair[],
  nameOf: (pair: FoundPair) => string,
  snapshot: Snapshot,
  rules: readonly ForeignRule[],
  leftOut: LeftOut,
): { entries: ImportedEntry[]; notes: string[] } {
  const onHost = pairs.filter(({ ends: [near] }) => near.namespace === 'host')
  if (onHost.length > MOST_PAIRS) return { entries: [], notes: [MANY] }
  const judged = onHost.flatMap(from =>
    onHost.map(to => ({ from: nameOf(from), to: nameOf(to), open: isOpen(from, to, snapshot, rules) })),
  )
  const open = judged.flatMap(path => (path.open === true ? [[path.from, path.to] as const] : []))
  const unclear = judged.filter(path => path.open === null).map(({ from, to }) => `${from} to ${to}`)
  const entries = new Map(
    open.map(([from, to]): [string, ImportedEntry] => {
      const about = `allow/${from}/${to}`
      return [about, { section: 'allow', about, value: { from, to } }]
    }),
  )
  for (const about of leftOut.keys()) entries.delete(about)
  const doubts = unclear.length === 0 ? [] : [`${DOUBT}${[...new Set(unclear)].join(', ')}`]
  return { entries: [...entries.values()], notes: doubts }
}

function isOpen(
  from: FoundPair,
  to: FoundPair,
  snapshot: Snapshot,
  rules: readonly ForeignRule[],
): boolean | null {
  const [entry, exit] = [doorOf(from), doorOf(to)]
  // What comes from a bridge of somebody else is not in the group that a direct path is for.
  if (entry === exit || from.ends[0].link.master !== null) return false
  if (from.ends[1].namespace === to.ends[1].namespace) return false
  const verdicts = FAMILIES.filter(family =>
    [from, to].every(({ ends: [, far] }) => far.addresses.some(text => familyOf(text) === family)),
  ).map(family => isLetThrough(snapshot, rules, family, entry, exit))
  return verdicts.includes(true) || (verdicts.includes(null) ? null : false)
}

/** The interface by which the host forwards to a pair: a port's bridge. */
function doorOf({ ends: [{ link }] }: FoundPair): string {
  return link.master ?? link.name
}

/** What reaches a namespace through other interfaces of the host today, and would not any more. */
export function closedPaths(
  pairs: readonly FoundPair[],
  uplinks: readonly string[],
  snapshot: Snapshot,
  rules: readonly ForeignRule[],
): string[] {
  const guarded = pairs.filter(({ ends: [near] }) => near.namespace === 'host' && near.link.master === null)
  const inside = new Set(guarded.map(doorOf))
  const others = snapshot.host.links.filter(
    ({ name, master, up }) => name !== 'lo' && up && master === null && !inside.has(name),
  )
  return others.flatMap(({ name }) => {
    const reached = guarded.filter(pair =>
      FAMILIES.some(family => isLetThrough(snapshot, rules, family, name, doorOf(pair)) === true),
    )
    if (reached.length === 0) return []
    const [what, ways] = uplinks.includes(name)
      ? ['what is outside', 'published ports, or allow: { from: outside, to: … }']
      : [`what is behind ${name}`, 'published ports']
    const list = [...new Set(reached.map(({ ends: [, far] }) => far.namespace))]
    return [
      `${what} (${name}) can open connections to ${listOf(list, MOST_NAMED)}; once applied only by ${ways}`,
    ]
  })
}
