import type { Flow } from '../../explain/judgement.ts'
import { type PacketCounts, readCounts } from '../../kernel/packets/counts.ts'
import { ping } from '../../kernel/packets/ping.ts'
import { probeFrom } from '../../kernel/packets/probe.ts'
import { limited } from '../../kernel/process/lanes.ts'
import type { Run } from '../../kernel/process/run.ts'
import type { Family } from '../../model/address.ts'
import type { ProbeResult } from '../../model/plan/verification.ts'
import { groupBy } from '../../model/text/lookup.ts'
import type { HostAccess } from '../host/access.ts'

/** A flow that starts on this host. */
interface Sendable {
  flow: Flow
  /** The place on this host where it ends, or should; null: elsewhere, or not known. */
  end: string | null
}

export interface Sent {
  result: ProbeResult
  /** What the place where it ends has counted meanwhile; null: not counted. */
  counts: PacketCounts | null
  /** ICMP errors that the place of departure has received meanwhile; null: not counted. */
  errors: number | null
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
  const before = await countAll(lanes, sendable)
  const [probed, pinged] = await Promise.all([probeAll(lanes, self, flows), pingAll(lanes, flows)])
  const results = new Map([...probed, ...pinged])
  const after = await countAll(
    lanes,
    sendable.filter(({ flow }) => leavesOpen(results.get(flow))),
  )
  return new Map(
    [...results].map(([flow, result]) => {
      const counts = increase(before.get(flow)?.end, after.get(flow)?.end)
      const errors = increase(before.get(flow)?.start, after.get(flow)?.start)?.unreachable ?? null
      return [flow, { result, counts, errors }]
    }),
  )
}

/** Whether the counters of both ends tell more than what came back. */
function leavesOpen(result: ProbeResult | undefined): boolean {
  return result?.outcome === 'silent' || result?.outcome === 'refused'
}

interface Counted {
  start: PacketCounts | null
  end: PacketCounts | null
}

/** What the places have counted so far in which flows start and end; each is asked once. */
async function countAll(run: Run, sendable: readonly Sendable[]): Promise<Map<Flow, Counted>> {
  const asked = new Map<string, Promise<PacketCounts | null>>()
  const countsIn = (place: string, family: Family) => {
    const key = `${family} ${place}`
    const counts = asked.get(key) ?? readCounts(run, place, family)
    asked.set(key, counts)
    return counts
  }
  const counted = sendable
    .filter(({ flow }) => flow.protocol !== 'icmp')
    .map(async ({ flow, end }): Promise<[Flow, Counted]> => {
      const start = countsIn(flow.from.place, flow.family)
      const ended = end === null ? null : countsIn(end, flow.family)
      return [flow, { start: await start, end: await ended }]
    })
  return new Map(await Promise.all(counted))
}

function increase(before?: PacketCounts | null, after?: PacketCounts | null): PacketCounts | null {
  if (!before || !after) return null
  return {
    datagrams: after.datagrams - before.datagrams,
    unheard: after.unheard - before.unheard,
    resets: after.resets - before.resets,
    unreachable: after.unreachable - before.unreachable,
  }
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
