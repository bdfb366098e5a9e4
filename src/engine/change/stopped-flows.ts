import { settle } from '../../explain/drive.ts'
import { flowsNamed } from '../../explain/endpoints.ts'
import { type DeclaredFlow, declaredFlows } from '../../explain/flows.ts'
import { judge } from '../../explain/judge.ts'
import type { Judgement } from '../../explain/judgement.ts'
import { remedyOf } from '../../explain/remedy.ts'
import type { NativeStop } from '../../explain/world.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { Finding, Plan } from '../../model/plan/plan.ts'
import type { Topology } from '../../model/topology.ts'
import { accepting } from '../../planner/findings/accepted.ts'
import { predict } from '../../planner/predict.ts'
import { resolveTopology } from '../../planner/resolve.ts'
import { placeIn } from '../packets/answers-in.ts'

/** A plan with what of native nftables will stop the flows that its topology declares. */
export function withStoppedFlows(plan: Plan, topology: Topology, snapshot: Snapshot): Plan {
  if (!snapshot.firewall.nft) return plan
  const wanted = topology.expects.filter(({ reachable }) => reachable)
  const flows = declaredFlows(resolveTopology({ ...topology, expects: wanted }, snapshot), [])
  const found = stoppedFlows(flows, predict(snapshot, plan.changes))
  if (found.length === 0) return plan
  const findings = [...plan.findings, ...accepting(found.map(findingOf), topology.accept)]
  return { ...plan, findings: findings.toSorted((a, b) => (a.source?.line ?? 0) - (b.source?.line ?? 0)) }
}

/** A rule or a policy that stops flows; those behind the first one are only counted. */
export interface StoppedFlows {
  flow: DeclaredFlow
  judgement: Judgement
  stop: NativeStop
  /** Further flows that meet the same. */
  others: number
}

/** Flows beyond these are of the same sort, and a finding names one of each. */
const MOST_FLOWS = 100

/** Judges by the snapshot alone: what hangs on elements of sets, or on rules inside namespaces, is not told. */
export function stoppedFlows(flows: DeclaredFlow[], snapshot: Snapshot): StoppedFlows[] {
  const found = new Map<string, StoppedFlows>()
  for (const flow of flows.slice(0, MOST_FLOWS)) {
    const judgement = stoppedJudgement(flow, snapshot)
    if (judgement?.verdict.kind !== 'failed' || !judgement.verdict.native) continue
    const stop = judgement.verdict.native
    const key = [stop.family, stop.table, stop.chain, stop.rule?.handle ?? 'policy'].join('/')
    const known = found.get(key)
    if (known) known.others += 1
    else found.set(key, { flow, judgement, stop, others: 0 })
  }
  return [...found.values()]
}

function stoppedJudgement({ named }: DeclaredFlow, snapshot: Snapshot): Judgement | null {
  for (const one of named) {
    const flows = flowsNamed(one, snapshot)
    if (typeof flows === 'string') continue
    const judgements = flows.map(flow =>
      settle(
        judge(flow, () => null),
        name => listening(placeIn(snapshot, name, null)),
      ),
    )
    const stopped = judgements.filter(({ verdict }) => verdict.kind === 'failed')
    // By name any family will do.
    if (stopped.length === judgements.length && stopped[0]) return stopped[0]
  }
  return null
}

/** Whether anybody listens is no matter here. */
function listening(place: ReturnType<typeof placeIn>): ReturnType<typeof placeIn> {
  return place && { ...place, allListening: true }
}

function findingOf({ flow, judgement, stop, others }: StoppedFlows): Finding {
  const { verdict } = judgement
  const detail = verdict.kind === 'failed' ? verdict.detail : ''
  const owner = verdict.kind === 'failed' && verdict.owner !== 'unknown' ? verdict.owner : null
  return {
    severity: 'warning',
    code: 'nft-drops',
    subject: `${stop.family}/${stop.table}/${stop.chain}`,
    summary: `${flow.label} will be stopped by nftables: ${detail}${owner === null ? '' : ` (${owner})`}`,
    notes: [
      ...(others > 0 ? [`${others} more of the flows that the file declares meet the same`] : []),
      ...remedyOf(judgement),
    ],
    source: flow.source,
  }
}
