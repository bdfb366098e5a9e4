import { linkNamed } from '../../model/host/by-name.ts'
import type { Link } from '../../model/host/snapshot.ts'
import type { Transit } from '../transit.ts'
import { protocolOf } from './payload.ts'
import {
  ABSENT,
  ETHER_TYPES,
  FAMILY_NUMBERS,
  LINK_GROUPS,
  LINK_TYPES,
  type NftValue,
  number,
  PACKET_TYPES,
  PROTOCOLS,
  UNKNOWN,
} from './value.ts'

/** What the kernel knows of a packet beside its headers. */
export function metaValue(key: string, { transit, hook }: { transit: Transit; hook: string }): NftValue {
  const { packet, place, input, output } = transit
  const isIPv4 = packet.family === 'ipv4'
  const link = (name: string | null) => linkNamed(place.network.links, name ?? '') ?? null
  switch (key) {
    case 'iif':
    case 'iifname':
      return named(transit, input)
    case 'oif':
    case 'oifname':
      return named(transit, output)
    case 'iifgroup':
      return ofLink(link(input), ({ group }) => number(group, LINK_GROUPS))
    case 'oifgroup':
      return ofLink(link(output), ({ group }) => number(group, LINK_GROUPS))
    case 'iifkind':
      return ofLink(link(input), ({ kind }) => ({ is: 'name', value: kind ?? '' }))
    case 'oifkind':
      return ofLink(link(output), ({ kind }) => ({ is: 'name', value: kind ?? '' }))
    case 'iiftype':
      return ofLink(link(input), typeOfLink)
    case 'oiftype':
      return ofLink(link(output), typeOfLink)
    case 'l4proto':
      return number(protocolOf(packet), PROTOCOLS)
    case 'protocol':
      return number(isIPv4 ? 0x0800 : 0x86dd, ETHER_TYPES)
    case 'nfproto':
      return number(isIPv4 ? 2 : 10, FAMILY_NUMBERS)
    case 'mark':
      return number(packet.mark)
    case 'pkttype':
      return number(0, PACKET_TYPES)
    case 'length':
      return { is: 'between', first: 28, last: 1500 }
    case 'ipsec':
    case 'secpath':
      return number(0)
    case 'sdif':
    case 'sdifname':
      return { is: 'name', value: '', index: 0 }
    case 'skuid':
    case 'skgid':
    case 'cgroup':
      // Only packets of this place's own belong to a process, and those that one of its sockets waits for.
      return input === null || (hook === 'input' && packet.reply) ? UNKNOWN : ABSENT
    default:
      return UNKNOWN
  }
}

/** Of a packet that has none the name is empty, and the index 0. */
function named({ place }: Transit, name: string | null): NftValue {
  return {
    is: 'name',
    value: name ?? '',
    index: linkNamed(place.network.links, name ?? '')?.index ?? 0,
  }
}

function ofLink(link: Link | null, value: (link: Link) => NftValue): NftValue {
  return link === null ? ABSENT : value(link)
}

function typeOfLink({ name, kind }: Link): NftValue {
  if (name === 'lo') return number(772, LINK_TYPES)
  return kind === null || ['veth', 'bridge', 'bond', 'vlan', 'dummy', 'macvlan', 'vxlan'].includes(kind)
    ? number(1, LINK_TYPES)
    : UNKNOWN
}
