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
import { rulesetsOf } from '../../model/host/iptables.ts'
import type { NetworkStack } from '../../model/host/network-stack.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import { predict } from '../../planner/predict.ts'
import { publishedPorts } from '../../planner/published.ts'
import { resolveTopology } from '../../planner/resolve.ts'
import type { Planned } from '../change/plan.ts'
import type { HostAccess } from '../host/access.ts'
import { answersFrom } from './host-answers.ts'

/** What a snapshot does not hold of a place: its own rules, tables of nftables, some settings. Null: not known. */
type LivePlace = (name: string) => Promise<NetworkStack | null>

/**
 * How a plan changes the flows that its topology declares. Both hosts, the present one and the planned one, are judged by
 * their tables: no kernel knows the second.
 *
 * @param access null for a plan against a saved snapshot, whose namespaces cannot be asked for their own rules
 */
export async function flowChanges(
  { plan, topology, snapshot }: Planned,
  access: Pick<HostAccess, 'run'> | null,
): Promise<FlowChange[]> {
  const planned = predict(snapshot, plan.changes)
  const livePlace = access === null ? async () => null : livePlaces(snapshot, access)
  const published = publishedPorts(snapshot, plan.topology, new Map())
  const flows = declaredFlows(topology && resolveTopology(topology, snapshot), published)
  const changes: FlowChange[] = []
  for (const flow of flows) {
    const before = await endOf(flow, snapshot, livePlace)
    const after = await endOf(flow, planned, livePlace)
    changes.push({
      label: flow.label,
      before: before.end,
      after: after.end,
      why: { before: before.why, after: after.why },
      changed: before.end !== after.end,
      source: flow.source,
    })
  }
  return changes
}

function livePlaces(snapshot: Snapshot, access: Pick<HostAccess, 'run'>): LivePlace {
  const answers = answersFrom(snapshot, access)
  return async name => (await answers({ kind: 'place', name })) as NetworkStack | null
}

type FlowEnd = ReturnType<typeof shownEnd>

/** Where a flow ends; of a range that is only open in part, where its first open port does. */
async function endOf({ named }: DeclaredFlow, snapshot: Snapshot, livePlace: LivePlace): Promise<FlowEnd> {
  const ends: FlowEnd[] = []
  for (const one of named) ends.push(await endOfPort(one, snapshot, livePlace))
  const open = ends.find(isOpen)
  const closed = ends.find(end => !isOpen(end))
  if (open && closed) return { end: `${open.end} in part`, why: closed.why }
  return open ?? closed ?? { end: UNREACHABLE, why: null }
}

/** By name any family will do. */
async function endOfPort(named: NamedFlow, snapshot: Snapshot, livePlace: LivePlace): Promise<FlowEnd> {
  const flows = flowsNamed(named, snapshot)
  if (typeof flows === 'string') return { end: UNREACHABLE, why: flows }
  const ends: FlowEnd[] = []
  for (const flow of flows) {
    const judgement = await drive(
      judge(flow, () => null),
      async question => (question.kind === 'place' ? placeIn(snapshot, question.name, livePlace) : null),
    )
    ends.push(shownEnd(judgement))
  }
  return ends.find(isOpen) ?? ends[0] ?? { end: UNREACHABLE, why: null }
}

function isOpen({ end }: FlowEnd): boolean {
  return end !== UNREACHABLE
}

/** A place as the snapshot has it, with what only the live one tells. */
async function placeIn(snapshot: Snapshot, name: string, livePlace: LivePlace): Promise<NetworkStack | null> {
  const live = await livePlace(name)
  if (name === 'host') {
    const { host, firewall, listeners } = snapshot
    const rulesets = rulesetsOf(firewall)
    return { name, network: host, rulesets, nft: live?.nft ?? unreadHooks(snapshot), listeners }
  }
  const network = snapshot.namespaces[name]
  if (!network || network.unreadable !== undefined) return null
  const sysctls = { ...live?.network.sysctls, ...network.sysctls }
  return {
    name,
    network: { ...network, sysctls },
    rulesets: live?.rulesets ?? [],
    nft: live?.nft ?? [],
    listeners: [],
    // No process can listen yet in what is about to be created: only the path there is asked about.
    allListening: true,
  }
}

function unreadHooks({ firewall }: Snapshot): NetworkStack['nft'] {
  return firewall.foreignNft.map(hook => ({ ...hook, rules: null, harmless: false }))
}
