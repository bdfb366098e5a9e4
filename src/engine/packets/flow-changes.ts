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
import type { Snapshot } from '../../model/host/snapshot.ts'
import { predict } from '../../planner/predict.ts'
import { publishedPorts } from '../../planner/published.ts'
import { resolveTopology } from '../../planner/resolve.ts'
import type { Planned } from '../change/plan.ts'
import { answersIn } from './answers-in.ts'
import { answersFrom, type HowToAsk } from './host-answers.ts'

type LiveAnswers = ReturnType<typeof answersFrom>

/**
 * How a plan changes the flows that its topology declares. Both hosts, the present one and the planned one, are judged by
 * their tables: no kernel knows the second.
 *
 * @param access null for a plan against a saved snapshot, whose namespaces cannot be asked for their own rules
 */
export async function flowChanges(
  { plan, topology, snapshot }: Planned,
  access: HowToAsk | null,
): Promise<FlowChange[]> {
  const planned = predict(snapshot, plan.changes)
  const live = access && answersFrom(snapshot, access)
  const published = publishedPorts(snapshot, plan.topology, new Map())
  const flows = declaredFlows(topology && resolveTopology(topology, snapshot), published)
  const changes: FlowChange[] = []
  for (const flow of flows) {
    const before = await endOf(flow, snapshot, live)
    const after = await endOf(flow, planned, live)
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

type FlowEnd = ReturnType<typeof shownEnd>

/** Where a flow ends; of a range that is only open in part, where its first open port does. */
async function endOf(
  { named }: DeclaredFlow,
  snapshot: Snapshot,
  live: LiveAnswers | null,
): Promise<FlowEnd> {
  const ends: FlowEnd[] = []
  for (const one of named) ends.push(await endOfPort(one, snapshot, live))
  const open = ends.find(isOpen)
  const closed = ends.find(end => !isOpen(end))
  if (open && closed) return { end: `${open.end} in part`, why: closed.why }
  return open ?? closed ?? { end: UNREACHABLE, why: null }
}

/** By name any family will do. */
async function endOfPort(named: NamedFlow, snapshot: Snapshot, live: LiveAnswers | null): Promise<FlowEnd> {
  const flows = flowsNamed(named, snapshot)
  if (typeof flows === 'string') return { end: UNREACHABLE, why: flows }
  const ends: FlowEnd[] = []
  for (const flow of flows) {
    const judgement = await drive(
      judge(flow, () => null),
      answersIn(snapshot, live),
    )
    ends.push(shownEnd(judgement))
  }
  return ends.find(isOpen) ?? ends[0] ?? { end: UNREACHABLE, why: null }
}

function isOpen({ end }: FlowEnd): boolean {
  return end !== UNREACHABLE
}
