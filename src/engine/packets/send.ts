import type { Flow, Judgement } from '../../explain/judgement.ts'
import { readDatagrams } from '../../kernel/packets/datagrams.ts'
import { ping } from '../../kernel/packets/ping.ts'
import { probeFrom } from '../../kernel/packets/probe.ts'
import { limited } from '../../kernel/process/lanes.ts'
import type { Run } from '../../kernel/process/run.ts'
import type { ProbeResult } from '../../model/plan/verification.ts'
import { groupBy } from '../../model/text/lookup.ts'
import type { HostAccess } from '../host/access.ts'

/** A flow that starts on this host, and where it should end. */
interface Sendable {
  flow: Flow
  judgement: Judgement
}

export interface Sent {
  result: ProbeResult
  /** How many more datagrams the place where it should end has received meanwhile; null: not counted. */
  received: number | null
}

/** How long to wait for an answer, in milliseconds: past the first retransmission of TCP, at one second. */
export const ANSWER_TIMEOUT = 1_500
/** Each place of departure starts a process of its own. */
const LANES = 8

/** Sends packets of all flows at once, and waits for what comes back. */
export async function sendPackets(
  sendable: readonly Sendable[],
  { run, self }: Pick<HostAccess, 'run' | 'self'>,
): Promise<Map<Flow, Sent>> {
  const lanes = limited(run, LANES)
  const flows = sendable.map(({ flow }) => flow)
  const before = await countDatagrams(lanes, sendable)
  const [probed, pinged] = await Promise.all([probeAll(lanes, self, flows), pingAll(lanes, flows)])
  const results = [...probed, ...pinged]
  const silent = new Set(results.filter(([, { outcome }]) => outcome === 'silent').map(([flow]) => flow))
  const after = await countDatagrams(
    lanes,
    sendable.filter(({ flow }) => silent.has(flow)),
  )
  return new Map(
    results.map(([flow, result]) => [
      flow,
      { result, received: increase(before.get(flow), after.get(flow)) },
    ]),
  )
}

/** Datagrams that each place has received so far in which a flow of UDP should end. */
async function countDatagrams(run: Run, sendable: readonly Sendable[]): Promise<Map<Flow, number>> {
  const counts = await Promise.all(
    sendable.map(async ({ flow, judgement: { verdict } }): Promise<[Flow, number][]> => {
      if (flow.protocol !== 'udp' || verdict.kind !== 'delivered') return []
      const count = await readDatagrams(run, verdict.place, flow.family)
      return count === null ? [] : [[flow, count]]
    }),
  )
  return new Map(counts.flat())
}

function increase(before: number | undefined, after: number | undefined): number | null {
  return before === undefined || after === undefined ? null : after - before
}

/** One process in each place of departure sends all that is to be sent from there. */
async function probeAll(run: Run, self: string[], flows: readonly Flow[]): Promise<[Flow, ProbeResult][]> {
  const probed = flows.filter(({ protocol }) => protocol !== 'icmp')
  const departures = [...groupBy(probed, ({ from }) => from.place)]
  const answers = await Promise.all(
    departures.map(async ([place, here]) => {
      const probes = here.map(({ protocol, destination, port }) => ({
        protocol: protocol as 'tcp' | 'udp',
        address: destination,
        port: port ?? 0,
        timeout: ANSWER_TIMEOUT,
      }))
      const results = await probeFrom(run, self, place, probes)
      return here.flatMap((flow, i): [Flow, ProbeResult][] => {
        const result = results[i]
        return result ? [[flow, result]] : []
      })
    }),
  )
  return answers.flat()
}

async function pingAll(run: Run, flows: readonly Flow[]): Promise<[Flow, ProbeResult][]> {
  const pinged = flows.filter(({ protocol }) => protocol === 'icmp')
  return Promise.all(
    pinged.map(
      async (flow): Promise<[Flow, ProbeResult]> => [
        flow,
        await ping(run, flow.from.place, flow.destination),
      ],
    ),
  )
}
