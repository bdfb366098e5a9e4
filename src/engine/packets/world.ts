import { sourceOfRule } from '../../explain/rule-source.ts'
import type { Answer, Course, Question } from '../../explain/world.ts'
import { readHostPlace, readNamespacePlace } from '../../kernel/read-place.ts'
import { appliedTopologies, readApplied } from '../../kernel/records.ts'
import { routeGet } from '../../kernel/route-get.ts'
import type { Place } from '../../model/place.ts'
import { sha256 } from '../../model/sha256.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import type { Topology } from '../../model/topology.ts'
import { loadTopology } from '../../topology/load.ts'
import type { HostAccess } from '../access.ts'
import { readText } from '../files.ts'

/** Answers a packet's walk from the live host: each place is read once, when a packet comes there. */
export function createWorld(
  snapshot: Snapshot,
  { run }: Pick<HostAccess, 'run'>,
): (question: Question) => Promise<Answer> {
  const places = new Map<string, Promise<Place | null>>()
  const routes = new Map<string, ReturnType<typeof routeGet>>()
  const place = (name: string) => {
    const known =
      places.get(name) ??
      (name === 'host' ? readHostPlace(run, snapshot) : readNamespacePlace(run, name, snapshot))
    places.set(name, known)
    return known
  }
  return async question => {
    if (question.kind === 'place') return place(question.name)
    const key = JSON.stringify(question.question)
    const known = routes.get(key) ?? routeGet(run, question.question)
    routes.set(key, known)
    return known
  }
}

/** Where rules of topologies come from: their files, if those are still as they were applied. */
export async function readRuleSources(access: HostAccess): Promise<Course['sourceOf']> {
  const topologies = new Map<string, Topology>()
  for (const name of appliedTopologies()) {
    const applied = readApplied(name)
    const text = applied && (await readText(applied.file).catch(() => null))
    if (!applied || text === null) continue
    if (sha256(text) !== applied.sha256) continue
    try {
      topologies.set(name, loadTopology(text, applied.file, access.environment).topology)
    } catch {
      // A variable it names may be unset here: then its lines are not told.
    }
  }
  return (name, rule) => {
    const topology = topologies.get(name)
    return topology ? sourceOfRule(topology, rule) : null
  }
}
