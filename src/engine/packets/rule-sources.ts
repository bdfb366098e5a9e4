import { sourceOfRule } from '../../explain/rules/rule-source.ts'
import type { Course } from '../../explain/world.ts'
import { appliedTopologies, readApplied } from '../../kernel/records/records.ts'
import { sha256 } from '../../model/text/sha256.ts'
import type { Topology } from '../../model/topology.ts'
import { loadTopology } from '../../topology/load.ts'
import type { HostAccess } from '../host/access.ts'
import { readText } from '../host/files.ts'

/** The lines that rules of topologies come from, where their files are still as they were applied. */
export async function readRuleSources(access: Pick<HostAccess, 'environment'>): Promise<Course['sourceOf']> {
  const topologies = new Map<string, Topology>()
  for (const name of appliedTopologies()) {
    const topology = await asApplied(name, access)
    if (topology !== null) topologies.set(name, topology)
  }
  return (name, rule) => {
    const topology = topologies.get(name)
    return topology ? sourceOfRule(topology, rule) : null
  }
}

async function asApplied(
  name: string,
  { environment }: Pick<HostAccess, 'environment'>,
): Promise<Topology | null> {
  const applied = readApplied(name)
  if (applied === null) return null
  try {
    const text = await readText(applied.file)
    return sha256(text) === applied.sha256 ? loadTopology(text, applied.file, environment).topology : null
  } catch {
    // The file is gone, or a variable that it names is not set here.
    return null
  }
}
