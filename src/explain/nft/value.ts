/** Constants that nft prints by name. */
export type Names = Readonly<Record<string, number | undefined>>

/** What the left side of a match is, for one packet. */
export type NftValue =
  | { is: 'number'; value: number; names?: Names }
  /** One of a range, and nobody knows which: a client's port, a TTL. */
  | { is: 'between'; first: number; last: number }
  /** Flags; `unknown`: those that cannot be told. */
  | { is: 'flags'; value: number; unknown: number; names: Names }
  | { is: 'address'; value: string }
  /** Of a link also its index, by which rules may name it; 0 where there is none. */
  | { is: 'name'; value: string; index?: number }
  | { is: 'concat'; of: NftValue[] }
  /** The packet has no such thing: no rule that asks for it matches. */
  | { is: 'absent' }
  | { is: 'unknown' }

export const ABSENT: NftValue = { is: 'absent' }
export const UNKNOWN: NftValue = { is: 'unknown' }

export function number(value: number, names?: Names): NftValue {
  return names ? { is: 'number', value, names } : { is: 'number', value }
}

export const PROTOCOLS: Names = {
  ...{ icmp: 1, igmp: 2, tcp: 6, udp: 17, dccp: 33, gre: 47, esp: 50, ah: 51, 'ipv6-icmp': 58, icmpv6: 58 },
  ...{ ospf: 89, vrrp: 112, sctp: 132, udplite: 136 },
}

export const ETHER_TYPES: Names = { ip: 0x0800, arp: 0x0806, vlan: 0x8100, '8021q': 0x8100, ip6: 0x86dd }
export const FAMILY_NUMBERS: Names = { ipv4: 2, ipv6: 10 }
export const DIRECTIONS: Names = { original: 0, reply: 1 }
export const CT_STATES: Names = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 }
export const CT_STATUS: Names = {
  ...{ expected: 1, 'seen-reply': 2, assured: 4, confirmed: 8, snat: 16, dnat: 32, dying: 512 },
}
export const TCP_FLAGS: Names = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 }
export const PACKET_TYPES: Names = { host: 0, unicast: 0, broadcast: 1, multicast: 2, other: 3 }
export const LINK_GROUPS: Names = { default: 0 }
export const LINK_TYPES: Names = { ether: 1, loopback: 772, ppp: 512, ipip: 768, ipgre: 778, none: 65534 }

export const ICMP_TYPES: Names = {
  ...{ 'echo-reply': 0, 'destination-unreachable': 3, 'source-quench': 4, redirect: 5, 'echo-request': 8 },
  ...{ 'router-advertisement': 9, 'router-solicitation': 10, 'time-exceeded': 11, 'parameter-problem': 12 },
  ...{ 'timestamp-request': 13, 'timestamp-reply': 14, 'info-request': 15, 'info-reply': 16 },
  ...{ 'address-mask-request': 17, 'address-mask-reply': 18 },
}

export const ICMPV6_TYPES: Names = {
  ...{ 'destination-unreachable': 1, 'packet-too-big': 2, 'time-exceeded': 3, 'parameter-problem': 4 },
  ...{ 'echo-request': 128, 'echo-reply': 129, 'mld-listener-query': 130, 'mld-listener-report': 131 },
  ...{ 'mld-listener-done': 132, 'mld-listener-reduction': 132, 'nd-router-solicit': 133 },
  ...{ 'nd-router-advert': 134, 'nd-neighbor-solicit': 135, 'nd-neighbor-advert': 136, 'nd-redirect': 137 },
  ...{ 'router-renumbering': 138, 'ind-neighbor-solicit': 141, 'ind-neighbor-advert': 142 },
  'mld2-listener-report': 143,
}

/** Of ICMP and ICMPv6 nft prints names of codes; those of an echo have none but 0. */
export const ICMP_CODES: Names = { 'net-unreachable': 0, 'no-route': 0 }

export const DSCP: Names = {
  ...{ cs0: 0, be: 0, cs1: 8, cs2: 16, cs3: 24, cs4: 32, cs5: 40, cs6: 48, cs7: 56, ef: 46, va: 44, le: 1 },
  ...{ af11: 10, af12: 12, af13: 14, af21: 18, af22: 20, af23: 22, af31: 26, af32: 28, af33: 30 },
  ...{ af41: 34, af42: 36, af43: 38, lephb: 1 },
}
