import type { Packet, PacketPort } from '../packet.ts'
import type { Transit } from '../transit.ts'
import {
  ABSENT,
  DSCP,
  ETHER_TYPES,
  ICMP_CODES,
  ICMP_TYPES,
  ICMPV6_TYPES,
  type NftValue,
  number,
  PROTOCOLS,
  TCP_FLAGS,
  UNKNOWN,
} from './value.ts'

/** What stands in a packet's headers; absent where it is of another protocol. */
export function payloadValue(
  { protocol, field }: { protocol: string; field: string },
  { packet }: Pick<Transit, 'packet'>,
): NftValue {
  return HEADERS[protocol]?.(packet, field) ?? UNKNOWN
}

/** Null for a field that is not known here. */
type Header = (packet: Packet, field: string) => NftValue | null

/** Senders begin with 64, 128 or 255, and no sane path takes more than thirty routers. */
const TIME_TO_LIVE: NftValue = { is: 'between', first: 33, last: 255 }
const LENGTH: NftValue = { is: 'between', first: 8, last: 1500 }
/** The range the kernel takes a client's port from; an administrator may have moved it. */
const EPHEMERAL: NftValue = { is: 'between', first: 32768, last: 60999 }

const HEADERS: Record<string, Header | undefined> = {
  ip: (packet, field) => (packet.family === 'ipv4' ? ipField(packet, field) : ABSENT),
  ip6: (packet, field) => (packet.family === 'ipv6' ? ip6Field(packet, field) : ABSENT),
  tcp: (packet, field) => (packet.protocol === 'tcp' ? tcpField(packet, field) : ABSENT),
  udp: (packet, field) => {
    if (packet.protocol !== 'udp') return ABSENT
    return field === 'length' ? LENGTH : portField(packet, field)
  },
  sctp: (packet, field) => (packet.protocol === 'sctp' ? portField(packet, field) : ABSENT),
  th: (packet, field) => {
    if (packet.protocol !== 'icmp') return portField(packet, field)
    // What stands in the place of ports: type and code, and a checksum that is as good as no port.
    const [request, answer] = packet.family === 'ipv4' ? [8, 0] : [128, 129]
    if (field === 'sport') return number((packet.reply ? answer : request) << 8)
    return field === 'dport' ? { is: 'name', value: 'checksum' } : null
  },
  icmp: (packet, field) =>
    packet.protocol === 'icmp' && packet.family === 'ipv4'
      ? icmpField(field, number(packet.reply ? 0 : 8, ICMP_TYPES))
      : ABSENT,
  icmpv6: (packet, field) =>
    packet.protocol === 'icmp' && packet.family === 'ipv6'
      ? icmpField(field, number(packet.reply ? 129 : 128, ICMPV6_TYPES))
      : ABSENT,
  ether: ({ family }, field) =>
    field === 'type' ? number(family === 'ipv4' ? 0x0800 : 0x86dd, ETHER_TYPES) : null,
  // What explain sends is in no VLAN, and no other protocol.
  ...Object.fromEntries(
    ['vlan', 'arp', 'ah', 'esp', 'comp', 'udplite', 'dccp', 'igmp', 'gre', 'vxlan'].map(protocol => [
      protocol,
      () => ABSENT,
    ]),
  ),
}

function ipField(packet: Packet, field: string): NftValue | null {
  const { source, destination } = packet.tuple
  switch (field) {
    case 'saddr':
      return { is: 'address', value: source }
    case 'daddr':
      return { is: 'address', value: destination }
    case 'protocol':
      return number(protocolOf(packet), PROTOCOLS)
    case 'version':
      return number(4)
    case 'hdrlength':
      return number(5)
    case 'dscp':
      return number(0, DSCP)
    case 'ecn':
      return number(0, { 'not-ect': 0, ect1: 1, ect0: 2, ce: 3 })
    case 'ttl':
      return TIME_TO_LIVE
    case 'length':
      return LENGTH
    case 'frag-off':
      // Never a fragment; whether it may become one is the sender's choice.
      return { is: 'flags', value: 0, unknown: 0x4000, names: {} }
    default:
      return null
  }
}

function ip6Field(packet: Packet, field: string): NftValue | null {
  const { source, destination } = packet.tuple
  switch (field) {
    case 'saddr':
      return { is: 'address', value: source }
    case 'daddr':
      return { is: 'address', value: destination }
    case 'nexthdr':
      return number(protocolOf(packet), PROTOCOLS)
    case 'version':
      return number(6)
    case 'dscp':
      return number(0, DSCP)
    case 'hoplimit':
      return TIME_TO_LIVE
    case 'length':
      return LENGTH
    default:
      return null
  }
}

/** The first packet of a connection, and the answer to it. */
function tcpField(packet: Packet, field: string): NftValue | null {
  if (field === 'flags')
    return { is: 'flags', value: packet.reply ? 0x12 : 0x02, unknown: 0, names: TCP_FLAGS }
  return portField(packet, field)
}

function portField({ tuple }: Packet, field: string): NftValue | null {
  if (field === 'sport') return portValue(tuple.sourcePort)
  return field === 'dport' ? portValue(tuple.destinationPort) : null
}

export function portValue(port: PacketPort): NftValue {
  if (port === null) return ABSENT
  return port === 'ephemeral' ? EPHEMERAL : number(port)
}

function icmpField(field: string, type: NftValue): NftValue | null {
  if (field === 'type') return type
  return field === 'code' ? number(0, ICMP_CODES) : null
}

/** Its number in the header. */
export function protocolOf({ protocol, family }: Packet): number {
  switch (protocol) {
    case 'tcp':
      return 6
    case 'udp':
      return 17
    case 'sctp':
      return 132
    case 'icmp':
      return family === 'ipv4' ? 1 : 58
  }
}
