import { flowsNamed, targetNamed } from '../../explain/endpoints.ts'
import type { Judgement } from '../../explain/judgement.ts'
import type { PacketProtocol } from '../../explain/packet.ts'
import { type Family, parseAddress } from '../../model/address.ts'
import { completeAccess, type HostOptions } from '../host/access.ts'
import { readFor } from '../host/read-host.ts'
import { judgeOnHost } from './judge-on-host.ts'

/** A packet to explain. */
export interface FlowQuestion {
  protocol: PacketProtocol
  /** A namespace, `host`, or `outside`. */
  from: string
  /** `namespace:port`, `host:port`, or `address:port`; without a port for icmp. */
  to: string
  /** The uplink by which a packet from outside arrives; default: each that `to` can be reached by. */
  uplink?: string | null
  /** Source address; default: the one that the sender's kernel chooses. */
  source?: string | null
  /** Default: each family that both ends have. */
  family?: Family | null
}

export type Explanation =
  /** One judgement for each family that was tried. */
  | { kind: 'explained'; judgements: Judgement[] }
  /** The question makes no sense on any host. */
  | { kind: 'invalidQuestion'; part: 'source' | 'to'; why: string }
  /** An end of it does not exist on this host. */
  | { kind: 'noSuchEnd'; why: string }

/**
 * Follows a packet, and the answer to it, through routing and rules of the host and its namespaces. Sends nothing. Throws
 * where the host cannot be read.
 */
export async function explain(question: FlowQuestion, options: HostOptions = {}): Promise<Explanation> {
  const { protocol, from, to, uplink = null, source = null, family = null } = question
  if (source !== null && parseAddress(source) === null)
    return { kind: 'invalidQuestion', part: 'source', why: `${source}: is no address` }
  const target = targetNamed({ protocol, to })
  if (typeof target === 'string') return { kind: 'invalidQuestion', part: 'to', why: target }
  const access = completeAccess(options)
  const snapshot = await readFor({ name: null, topologies: [], allRoutes: true }, access)
  const flows = flowsNamed({ protocol, from, to, family, uplink, source }, snapshot)
  if (typeof flows === 'string') return { kind: 'noSuchEnd', why: flows }
  const judge = await judgeOnHost(snapshot, access)
  const judgements: Judgement[] = []
  for (const flow of flows) judgements.push(await judge(flow))
  return { kind: 'explained', judgements }
}
