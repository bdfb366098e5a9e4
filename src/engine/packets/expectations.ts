import { flowsNamed } from '../../explain/endpoints.ts'
import type { Flow } from '../../explain/judgement.ts'
import { canPing } from '../../kernel/packets/ping.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { ExpectationResult } from '../../model/plan/verification.ts'
import type { Expectation, Topology } from '../../model/topology.ts'
import type { HostAccess } from '../host/access.ts'
import { declaredEnd } from './declared-end.ts'
import { resultOf, type Trial, untried } from './expectation-result.ts'
import { judgeOnHost } from './judge-on-host.ts'
import { sendPackets } from './send.ts'

/** Checks expectations with real packets where they can be sent from here, all at once. */
export async function checkExpectations(
  topology: Topology,
  snapshot: Snapshot,
  access: HostAccess,
): Promise<ExpectationResult[]> {
  const named = topology.expects.map(expectation => ({ expectation, flows: flowsOf(expectation, snapshot) }))
  const known = named.flatMap(({ expectation, flows }) =>
    typeof flows === 'string' ? [] : flows.map(flow => ({ expectation, flow })),
  )
  const trials = await tryFlows(known, { topology, snapshot }, access)
  return named.map(({ expectation, flows }) => {
    if (typeof flows === 'string') return untried(expectation, flows)
    return resultOf(
      expectation,
      flows.flatMap(flow => trials.get(flow) ?? []),
    )
  })
}

/** By name a flow may have an address of each family. Text where an end of it does not exist. */
function flowsOf({ protocol, from, to }: Expectation, snapshot: Snapshot): Flow[] | string {
  return flowsNamed({ protocol, from, to, family: null, uplink: null, source: null }, snapshot)
}

async function tryFlows(
  flows: { expectation: Expectation; flow: Flow }[],
  { topology, snapshot }: { topology: Topology; snapshot: Snapshot },
  access: HostAccess,
): Promise<Map<Flow, Trial>> {
  const judge = await judgeOnHost(snapshot, access)
  const judged = await Promise.all(
    flows.map(async ({ expectation, flow }) => {
      const judgement = await judge(flow, expectation.open ? 'path' : 'whole')
      const declared = declaredEnd(expectation, flow, topology, snapshot)
      const { verdict } = judgement
      return { flow, judgement, declared, end: verdict.kind === 'delivered' ? verdict.place : declared }
    }),
  )
  const pings = canPing()
  const sendable = judged.filter(
    ({ flow: { from, protocol } }) => from.input === null && (protocol !== 'icmp' || pings),
  )
  const sent = await sendPackets(sendable, access)
  return new Map(judged.map(one => [one.flow, { ...one, sent: sent.get(one.flow) ?? null }]))
}
