import { examine } from '../doctor/all.ts'
import { temporaries } from '../kernel/atomic-file.ts'
import { isPrivileged } from '../kernel/privilege.ts'
import { readEvidence } from '../kernel/read-evidence.ts'
import { readConntrack, readManaged, readNetworkFiles, readTools, readUfw } from '../kernel/read-facts.ts'
import { readFeatures } from '../kernel/read-features.ts'
import { appliedTopologies, pendingTopologies } from '../kernel/records.ts'
import { observedState } from '../kinds/all.ts'
import { claimId } from '../kinds/claim.ts'
import { messageOf } from '../model/escape.ts'
import type { Facts } from '../model/facts.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { staleClaims } from '../planner/claims.ts'
import { topologiesOn } from '../planner/topologies.ts'
import { doctorJson, renderDoctor } from '../render/doctor.ts'
import type { Context, HostOptions } from './context.ts'
import { readLive } from './live.ts'
import { syncOf } from './sync.ts'

export interface DoctorOptions extends HostOptions {
  format: 'text' | 'json'
}

const PROBLEM = 2

/** What on this host will get in the way; without privileges as much of it as can be seen. */
export async function doctor(options: DoctorOptions, context: Context): Promise<number> {
  const facts = await gather(options, context)
  const results = examine(facts)
  const text =
    options.format === 'json'
      ? doctorJson(results, facts.blind)
      : renderDoctor(results, facts.blind, context.colors)
  context.write(text)
  return results.some(({ state }) => state === 'problem') ? PROBLEM : 0
}

async function gather(options: DoctorOptions, context: Context): Promise<Facts> {
  const { run } = context
  const privileged = isPrivileged()
  const seen = await look(options, context)
  const tools = await readTools(run)
  const said = tools.find(({ name }) => name === 'iptables')?.version?.includes('legacy') ? 'legacy' : 'nft'
  const variant = options.iptables === 'auto' ? said : options.iptables
  return {
    ...seen,
    privileged,
    tools,
    features: await readFeatures(run, { variant, root: privileged }),
    conntrack: readConntrack(),
    evidence: readEvidence(),
    ufw: readUfw(),
    managed: await readManaged(run),
    networkFiles: readNetworkFiles(),
  }
}

/** The live host and nsctl's records of it; whatever keeps from reading them is a finding, not a failure. */
async function look(
  options: DoctorOptions,
  context: Context,
): Promise<Pick<Facts, 'snapshot' | 'blind' | 'topologies' | 'temporaries'>> {
  try {
    const snapshot = await readLive(context, options, null)
    return { snapshot, blind: null, topologies: standing(snapshot), temporaries: temporaries() }
  } catch (error) {
    return { snapshot: null, blind: messageOf(error), topologies: [], temporaries: [] }
  }
}

function standing(snapshot: Snapshot): Facts['topologies'] {
  const names = new Set([...topologiesOn(snapshot), ...appliedTopologies(), ...pendingTopologies()])
  return [...names].sort().map(name => {
    const sync = syncOf(name, observedState(snapshot, name))
    // While an apply is under way, or was cut off, claims come before what they are for.
    const stale = pendingTopologies().includes(name) ? [] : staleClaims(name, snapshot)
    return { name, sync, staleClaims: stale.map(claimId) }
  })
}
