import { drive } from '../../explain/drive.ts'
import { flowsNamed, type NamedFlow } from '../../explain/endpoints.ts'
import {
  type DeclaredFlow,
  declaredFlows,
  type FlowChange,
  shownEnd,
  UNREACHABLE,
} from '../../explain/flows.ts'
import { judge } from '../../explain/judge.ts'
import { rulesetsOf } from '../../model/iptables.ts'
import type { Place } from '../../model/place.ts'
import type { Plan } from '../../model/plan.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import type { Topology } from '../../model/topology.ts'
import { predict } from '../../planner/predict.ts'
import { publishedPorts } from '../../planner/published.ts'
import { resolveTopology } from '../../planner/resolve.ts'
import type { HostAccess } from '../access.ts'
import { createWorld } from './world.ts'

type LookAt = (name: string) => Promise<Place | null>

/**
 * What a plan changes for the flows its topology declares. Both hosts, the one there is and the one it will be, are
 * judged by their tables: no kernel knows the second. Of a saved snapshot (`live` false) no namespace's own rules are
 * known.
 */
export async function flowChanges(
  topology: Topology | null,
  { topology: name, changes }: Plan,
  snapshot: Snapshot,
  live: boolean,
  access: Pick<HostAccess, 'run'>,
): Promise<FlowChange[]> {
  const after = predict(snapshot, changes)
  const look = live ? createLook(snapshot, access) : async () => null
  const published = publishedPorts(snapshot, name, new Map())
  const flows = declaredFlows(topology && resolveTopology(topology, snapshot), published)
  const result: FlowChange[] = []
  for (const flow of flows) {
    const [was, is] = [await endOf(flow, snapshot, look), await endOf(flow, after, look)]
    result.push({
      label: flow.label,
      before: was.end,
      after: is.end,
      why: { before: was.why, after: is.why },
      changed: was.end !== is.end,
      source: flow.source,
    })
  }
  return result
}

interface Reach {
  end: string
  why: string | null
}

/** Where a flow ends; of a range that is only open in part, where its first open port does. */
async function endOf({ named }: DeclaredFlow, snapshot: Snapshot, look: LookAt): Promise<Reach> {
  const ends: Reach[] = []
  for (const one of named) ends.push(await reachOf(one, snapshot, look))
  const open = ends.find(({ end }) => end !== UNREACHABLE)
  const closed = ends.find(({ end }) => end === UNREACHABLE)
  if (open && closed) return { end: `${open.end} in part`, why: closed.why }
  return open ?? closed ?? { end: UNREACHABLE, why: null }
}

async function reachOf(named: NamedFlow, snapshot: Snapshot, look: LookAt): Promise<Reach> {
  const flows = flowsNamed(named, snapshot)
  if (typeof flows === 'string') return { end: UNREACHABLE, why: flows }
  const ends = []
  for (const flow of flows) {
    const judgement = await drive(
      judge(flow, () => null),
      async question => (question.kind === 'place' ? placeIn(snapshot, question.name, look) : null),
    )
    ends.push(shownEnd(judgement))
  }
  return ends.find(({ end }) => end !== UNREACHABLE) ?? ends[0] ?? { end: UNREACHABLE, why: null }
}

/** A place as the snapshot has it, with the rules and sockets that only a look at the live one tells. */
async function placeIn(snapshot: Snapshot, name: string, look: LookAt): Promise<Place | null> {
  const { firewall, host, listeners } = snapshot
  const seen = await look(name)
  if (name === 'host') {
    return {
      name,
      network: host,
      rulesets: rulesetsOf(firewall),
      nft: seen?.nft ?? unseen(snapshot),
      listeners,
    }
  }
  const network = snapshot.namespaces[name]
  if (!network || network.unreadable !== undefined) return null
  const sysctls = { ...seen?.network.sysctls, ...network.sysctls }
  return {
    name,
    network: { ...network, sysctls },
    rulesets: seen?.rulesets ?? [],
    nft: seen?.nft ?? [],
    listeners: [],
    // What is about to be made cannot be listened in yet: only the way there is asked about.
    allListening: true,
  }
}

function unseen({ firewall }: Snapshot): Place['nft'] {
  return firewall.foreignNft.map(hook => ({ ...hook, rules: null, harmless: false }))
}

function createLook(snapshot: Snapshot, access: Pick<HostAccess, 'run'>): LookAt {
  const world = createWorld(snapshot, access)
  return async name => (await world({ kind: 'place', name })) as Place | null
}
