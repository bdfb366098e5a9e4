import type { AppliedTopology } from '../../explain/applied.ts'
import { appliedTopologies, readApplied } from '../../kernel/records/records.ts'
import { observedState } from '../../kinds/all.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import { sha256 } from '../../model/text/sha256.ts'
import type { Topology } from '../../model/topology.ts'
import { declaredPorts, publishedPorts, withMissing } from '../../planner/published.ts'
import { resolveTopology } from '../../planner/resolve.ts'
import { loadTopology } from '../../topology/load.ts'
import type { HostAccess } from '../host/access.ts'
import { readText } from '../host/files.ts'
import { syncWith } from '../inspect/sync.ts'

/** What is known of the topologies that were applied on this host. */
export async function appliedOn(
  snapshot: Snapshot,
  access: Pick<HostAccess, 'environment'>,
): Promise<AppliedTopology[]> {
  const known: AppliedTopology[] = []
  for (const name of appliedTopologies()) {
    const applied = readApplied(name)
    if (applied === null) continue
    const topology = await asApplied(applied, access)
    const { drift } = syncWith({ journal: null, isApplying: false, applied }, observedState(snapshot, name))
    const declared = declaredPorts(applied.desired, snapshot, new Map())
    known.push({
      ...{ name, file: applied.file },
      ports: withMissing(publishedPorts(snapshot, name, new Map()), declared, drift),
      topology: topology && resolveTopology(topology, snapshot),
    })
  }
  return known
}

async function asApplied(
  { file, sha256: digest }: { file: string; sha256: string },
  { environment }: Pick<HostAccess, 'environment'>,
): Promise<Topology | null> {
  try {
    const text = await readText(file)
    return sha256(text) === digest ? loadTopology(text, file, environment).topology : null
  } catch {
    // The file is gone, or a variable that it names is not set here.
    return null
  }
}
