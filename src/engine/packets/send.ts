import type { Flow, Judgement } from '../../explain/judgement.ts'
import { limited } from '../../kernel/lanes.ts'
import { ping } from '../../kernel/ping.ts'
import { probeFrom } from '../../kernel/probe.ts'
import { readDatagrams } from '../../kernel/read-datagrams.ts'
import type { Run } from '../../kernel/run.ts'
import { groupBy } from '../../model/lookup.ts'
import type { ProbeResult } from '../../model/verification.ts'
import type { HostAccess } from '../access.ts'

/** A flow that can be tried from here, and what explain makes of it. */
interface Sendable {
  flow: Flow
  judgement: Judgement
}

interface Sent {
  result: ProbeResult
  /** How many more datagrams the place it should end in has been given meanwhile; null: not counted. */
  received: number | null
}

/** How long silence is waited out, in milliseconds: past the first retransmission of TCP, at one second. */
export const PATIENCE = 1_500
/** Each place of departure starts a process of its own. */
const LANES = 8

/** Sends packets for all flows at once; what came of each. */
export async function sendPackets(
  sendable: readonly Sendable[],
  { run, self }: Pick<HostAccess, 'run' | 'self'>,
): Promise<Map<Flow, Sent>> {
  const lanes = limited(run, LANES)
  const before = await Promise.all(sendable.map(one => countDatagrams(lanes, one)))
  const flows = sendable.map(({ flow }) => flow)
  const results = new Map((await Promise.all([probeAll(lanes, self, flows), pingAll(lanes, flows)])).flat())
  const sent = await Promise.all(
    sendable.map(async (one, i): Promise<[Flow, Sent][]> => {
      const result = results.get(one.flow)
      if (!result) return []
      const was = before[i] ?? null
      const is = result.outcome === 'silent' && was !== null ? await countDatagrams(lanes, one) : null
      return [[one.flow, { result, received: is === null || was === null ? null : is - was }]]
    }),
  )
  return new Map(sent.flat())
}

/** Datagrams that the place was given in which one of UDP should end. */
async function countDatagrams(run: Run, { flow, judgement: { verdict } }: Sendable): Promise<number | null> {
  if (flow.protocol !== 'udp' || verdict.kind !== 'delivered') return null
  return readDatagrams(run, verdict.place, flow.family)
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
        timeout: PATIENCE,
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
