import type { Result } from '../../doctor/all.ts'
import { examine } from '../../doctor/all.ts'
import { declaredFlows } from '../../explain/flows.ts'
import { outcomeOf } from '../../explain/judgement.ts'
import { remedyOf } from '../../explain/remedy.ts'
import { readAuthorHints } from '../../kernel/inspect/author-hints.ts'
import { readFeatures } from '../../kernel/inspect/features.ts'
import {
  readConntrack,
  readManaged,
  readNetworkFiles,
  readTools,
  readUfw,
} from '../../kernel/inspect/host-facts.ts'
import { isPrivileged } from '../../kernel/process/privilege.ts'
import { temporaries } from '../../kernel/records/atomic-file.ts'
import { appliedTopologies, pendingTopologies } from '../../kernel/records/records.ts'
import { observedState } from '../../kinds/all.ts'
import { claimId } from '../../kinds/settings/claim.ts'
import type { DoctorFacts } from '../../model/host/facts.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import { messageOf } from '../../model/text/escape.ts'
import { staleClaims } from '../../planner/claims.ts'
import { publishedPorts } from '../../planner/published.ts'
import { topologiesOn } from '../../planner/topologies-on-host.ts'
import { stoppedFlows } from '../change/stopped-flows.ts'
import { completeAccess, type HostAccess, type HostOptions } from '../host/access.ts'
import { readFor } from '../host/read-host.ts'
import { syncOf } from './sync.ts'

/** The health of a host, check by check. */
export interface Examination {
  results: Result[]
  /** Why the host could not be read, and so not all could be checked; or null. */
  blind: string | null
}

/** Checks for what on this host will get in the way; without privileges as much of it as can be seen. */
export async function doctor(options: HostOptions = {}): Promise<Examination> {
  const facts = await gather(completeAccess(options))
  return { results: examine(facts), blind: facts.blind }
}

async function gather(access: HostAccess): Promise<DoctorFacts> {
  const { run } = access
  const privileged = isPrivileged()
  const seen = await look(access)
  const tools = await readTools(run)
  const said = tools.find(({ name }) => name === 'iptables')?.version?.includes('legacy') ? 'legacy' : 'nft'
  const variant = access.iptables === 'auto' ? said : access.iptables
  return {
    ...seen,
    privileged,
    tools,
    features: await readFeatures(run, { variant, root: privileged }),
    conntrack: readConntrack(),
    evidence: readAuthorHints(),
    ufw: readUfw(),
    managed: await readManaged(run),
    networkFiles: readNetworkFiles(),
  }
}

/** The live host and nsctl's records of it; whatever keeps from reading them is a finding, not a failure. */
async function look(
  access: HostAccess,
): Promise<Pick<DoctorFacts, 'snapshot' | 'blind' | 'topologies' | 'stopped' | 'temporaries'>> {
  try {
    const snapshot = await readFor({ name: null, topologies: [], allRoutes: true }, access)
    return {
      ...{ snapshot, blind: null, topologies: standing(snapshot), temporaries: temporaries() },
      stopped: stoppedPorts(snapshot),
    }
  } catch (error) {
    return { snapshot: null, blind: messageOf(error), topologies: [], stopped: [], temporaries: [] }
  }
}

/** Of ports that are published on this host now. */
function stoppedPorts(snapshot: Snapshot): DoctorFacts['stopped'] {
  if (!snapshot.firewall.nft) return []
  const published = topologiesOn(snapshot).flatMap(name => publishedPorts(snapshot, name, new Map()))
  return stoppedFlows(declaredFlows(null, published), snapshot).map(({ flow, judgement, stop }) => ({
    flow: flow.label,
    subject: `${stop.family}/${stop.table}/${stop.chain}`,
    by: outcomeOf(judgement.verdict),
    remedy: remedyOf(judgement).join('; '),
  }))
}

function standing(snapshot: Snapshot): DoctorFacts['topologies'] {
  const names = new Set([...topologiesOn(snapshot), ...appliedTopologies(), ...pendingTopologies()])
  return [...names].sort().map(name => {
    const sync = syncOf(name, observedState(snapshot, name), snapshot)
    // While an apply is under way, or was cut off, claims come before what they are for.
    const stale = pendingTopologies().includes(name) ? [] : staleClaims(name, snapshot)
    return { name, sync, staleClaims: stale.map(claimId) }
  })
}
