import type { Topology } from '../model/topology.ts'

/** One text of a topology. */
export interface Version {
  topology: Topology
  text: string
  /** As messages and records name it. */
  file: string
  /** SHA-256 of the text, in hexadecimal. */
  sha256: string
  /** The commit it is of; null where it is a file on disk. */
  commit: string | null
}

/** The topologies that the files declare at the moment. */
export interface Reading {
  /** Those that are valid and conflict with no other file. */
  versions: Version[]
  /** Files that are not; the name of their topology where it is known. */
  broken: { file: string; name: string | null; why: string }[]
  /** Why nothing, or nothing new, can be read from the source as a whole; or null. */
  problem: string | null
}

/** A topology that is watched. */
export interface Tracked {
  /** The newest valid version; null for one that only records know of. */
  newest: Version | null
  /** The last one that was applied and verified. */
  lastGood: Version | null
  /** Why `newest` is not what the source has now, or null. */
  stale: string | null
  /** Its file is gone, and the topology is to be destroyed. */
  removed: boolean
}

export interface WatchedUnit {
  /** Topologies on record as applied from this source. */
  recorded: readonly string[]
  /** Whether what is taken out of the source is destroyed. */
  prune: boolean
}

/**
 * What is to be watched after a reading. What cannot be read, or is wrong, changes nothing: the last version stays. What
 * is gone is only taken for removed where the rest of the source is in order, and is more than what went.
 */
export function tracked(
  before: ReadonlyMap<string, Tracked>,
  reading: Reading,
  { recorded, prune }: WatchedUnit,
): Map<string, Tracked> {
  const present = new Map(reading.versions.map(version => [version.topology.name, version]))
  // What was to be destroyed is so once no record of it is left.
  const kept = [...before].filter(([name, { removed }]) => !removed || recorded.includes(name))
  const known = new Set([...kept.map(([name]) => name), ...present.keys(), ...recorded])
  const brokenOf = (name: string) =>
    reading.broken.find(
      one => one.name === name || (one.name === null && before.get(name)?.newest?.file === one.file),
    )
  const gone = [...known].filter(name => !present.has(name) && !brokenOf(name))
  const doubt = reading.problem ?? doubtAbout(gone, reading)
  return new Map(
    [...known].map(name => {
      const { newest, lastGood } = before.get(name) ?? { newest: null, lastGood: null }
      const version = present.get(name)
      if (version) return [name, { newest: version, lastGood, stale: reading.problem, removed: false }]
      const broken = brokenOf(name)
      const removed = prune && doubt === null && broken === undefined
      const missing = prune
        ? doubt
        : `it is not declared there any more; to be rid of it: nsctl destroy ${name}, or watch with --prune`
      const stale = reading.problem ?? (broken ? `${broken.file}: ${broken.why}` : missing)
      return [name, { newest, lastGood, stale: removed ? null : stale, removed }]
    }),
  )
}

/** An empty repository, a directory half checked out, a typo in a name: none of them is the wish to be rid of everything. */
function doubtAbout(gone: string[], { versions, broken }: Reading): string | null {
  if (gone.length === 0) return null
  if (broken.some(({ name }) => name === null))
    return 'its file has gone, and another does not tell its name: not taken for removed'
  const left = versions.length + broken.length
  if (left < gone.length)
    return `the files of ${gone.length} topologies have gone at once, and ${left} are left: not taken for removed`
  return null
}
