import type { NftExpression } from '../../model/nft/expression.ts'
import type { NftTranslation } from '../../model/nft/statement.ts'
import { endpoint, type PacketPort } from '../packet.ts'
import { mapped, type NatRewrite, withDestination, withSource } from '../rules/targets.ts'
import { LOOPBACK } from '../rules/translate.ts'
import { addressToward, rewrite, type Transit } from '../transit.ts'
import type { Walking } from '../world.ts'
import { evaluate, type View } from './evaluate.ts'
import type { NftValue } from './value.ts'

/** Gives the packet another source or destination, and returns what was done; null where the kernel has a choice. */
export function* translateBy(nat: NftTranslation, view: View): Walking<string | 'no match' | null> {
  const { transit } = view
  const { packet } = transit
  if (nat.family !== undefined && (nat.family === 'ip') !== (packet.family === 'ipv4')) return 'no match'
  const end = nat.kind === 'snat' || nat.kind === 'masquerade' ? 'source' : 'destination'
  const to = yield* targetOf(nat, end, view)
  if (to === null || to === 'no match') return to
  rewrite(transit, end === 'source' ? withSource(packet.tuple, to) : withDestination(packet.tuple, to))
  const { tuple } = transit.packet
  return end === 'source'
    ? `source becomes ${endpoint(tuple.source, tuple.sourcePort)}`
    : `destination becomes ${endpoint(tuple.destination, tuple.destinationPort)}`
}

type End = 'source' | 'destination'

function* targetOf(nat: NftTranslation, end: End, view: View): Walking<NatRewrite | 'no match' | null> {
  const { transit } = view
  const { tuple } = transit.packet
  const was = end === 'source' ? tuple.sourcePort : tuple.destinationPort
  if (nat.kind === 'masquerade') {
    const address = addressToward(transit.place, transit.output ?? '', transit.via ?? tuple.destination)
    // Of a range of ports the kernel takes one.
    return address === null ? null : { address, port: was }
  }
  const port = nat.port === undefined ? was : yield* portOf(nat.port, was, view)
  if (port === undefined) return null
  if (nat.kind === 'redirect') return redirected(transit, port)
  if (nat.address === undefined) return { address: null, port }
  const value = yield* addressValue(nat.address, view)
  if (value.is === 'absent') return 'no match'
  const [first, second] = value.is === 'concat' ? value.of : [value]
  const mappedPort = second?.is === 'number' ? second.value : port
  const address = first?.is === 'address' || first?.is === 'name' ? first.value : null
  if (address === null) return null
  return { address: nat.netmap ? moved(address, tuple, end) : address, port: mappedPort }
}

function redirected({ place, packet, input }: Transit, port: PacketPort): NatRewrite | null {
  const address = input === null ? LOOPBACK[packet.family] : addressToward(place, input, packet.tuple.source)
  return address === null ? null : { address, port }
}

function moved(network: string, tuple: { source: string; destination: string }, end: End): string {
  return mapped(network, end === 'source' ? tuple.source : tuple.destination)
}

/** A literal, or what a map leads to; of a range the kernel takes one. */
function* addressValue(expression: NftExpression, view: View): Walking<NftValue> {
  if (typeof expression === 'object' && !Array.isArray(expression)) {
    if ('prefix' in expression) {
      const { addr, len } = expression.prefix
      return { is: 'name', value: `${addr}/${len}` }
    }
    if ('range' in expression) {
      const [first, last] = expression.range
      return first === last && typeof first === 'string' ? { is: 'name', value: first } : { is: 'unknown' }
    }
  }
  return yield* evaluate(expression, view)
}

/** Undefined where the kernel chooses one of several. */
function* portOf(expression: NftExpression, was: PacketPort, view: View): Walking<PacketPort | undefined> {
  if (typeof expression === 'object' && 'range' in expression) {
    const [first, last] = expression.range.map(Number)
    // A port that lies in the range is kept; which one of it a client has makes no difference.
    if (was === 'ephemeral') return was
    return typeof was === 'number' && was >= (first ?? 0) && was <= (last ?? 0) ? was : undefined
  }
  const value = yield* evaluate(expression, view)
  return value.is === 'number' ? value.value : undefined
}
