import { cidr, contains, formatCidr, networkOf } from '../../model/address.ts'
import type { NetworkStack } from '../../model/host/network-stack.ts'
import type { PolicyRule } from '../../model/host/snapshot.ts'
import { ROUTE_PROTOCOL } from '../../model/ownership.ts'
import { printedRule } from '../../model/routing/printed.ts'

/** A policy rule of others that sent a packet, or would send the answer to it, another way than the main table. */
export interface Diversion {
  text: string
  /** Commands for whoever wants the main table to decide. */
  remedy: string[]
  /** It is why a rule matched: the rule asks for the way back. */
  isCause?: true
}

/** Null where no rule of others had a part in it. */
export function diversionOf(
  place: NetworkStack,
  { by, dev }: { by?: PolicyRule; dev: string },
  { source, destination }: { source: string | null; destination: string },
): Diversion | null {
  if (by === undefined || by.protocol === ROUTE_PROTOCOL) return null
  const text = `${destination} is routed to ${dev} by ${printedRule(by)}`
  const ip = `ip${by.family === 'ipv6' ? ' -6' : ''} rule add pref ${Math.max(by.priority - 1, 1)}`
  const [to, from] = [
    networkAround(place, destination),
    source === null ? null : networkAround(place, source),
  ]
  if (to !== null)
    return { text, remedy: [`let the main table decide about ${to}: ${ip} to ${to} lookup main`] }
  return {
    text,
    remedy: [
      `if it may leave there, make ${dev} an uplink`,
      ...(from === null ? [] : [`if not, let the main table decide: ${ip} from ${from} lookup main`]),
    ],
  }
}

/** The network of one of the place's links that an address is in. */
function networkAround({ network }: NetworkStack, address: string): string | null {
  const found = network.links
    .flatMap(({ addresses }) => addresses.map(live => networkOf(cidr(live.address))))
    .find(one => contains(one, cidr(address)))
  return found === undefined ? null : formatCidr(found)
}
