import { cidr, contains, type Family } from '../address.ts'
import { linkNamed } from '../host/by-name.ts'
import type { NetworkState, PolicyRule } from '../host/snapshot.ts'

/** What routing looks at of a packet. */
export interface RoutedPacket {
  family: Family
  destination: string
  /** Null: the kernel is to choose it. */
  source: string | null
  /** Where it came in; null for a packet of this place's own. `*`: by some interface that no rule names. */
  input: string | null
  mark: number
  /** Null: of any. */
  protocol: 'tcp' | 'udp' | 'sctp' | 'icmp' | null
  destinationPort: number | null
  /** Only routes through this interface. */
  output?: string | null
}

type Truth = boolean | null

/** Whether a policy rule is for a packet; null where that cannot be told. */
export function selects(
  { from, selector }: PolicyRule,
  packet: RoutedPacket,
  place: Pick<NetworkState, 'links'>,
): Truth {
  const source = packet.source === null ? null : cidr(packet.source)
  const truths = [
    from === 'all' || (source !== null && contains(cidr(from), source)),
    ...Object.entries(selector).map(([key, value]) => {
      const judge = JUDGES[key]
      return judge === undefined ? null : judge({ value, selector, packet, place })
    }),
  ]
  const all = truths.includes(false) ? false : truths.includes(null) ? null : true
  return selector.not === undefined || all === null ? all : !all
}

interface Asked {
  value: string | number
  selector: PolicyRule['selector']
  packet: RoutedPacket
  place: Pick<NetworkState, 'links'>
}

/** What says something of the rule, but not of which packets it is for. */
const modifier = (): Truth => true

const JUDGES: Record<string, (asked: Asked) => Truth> = {
  ...Object.fromEntries(
    ['not', 'dstlen', 'fwmask', 'iif_detached', 'oif_detached', 'detached', 'unresolved'].map(key => [
      key,
      modifier,
    ]),
  ),
  ...Object.fromEntries(
    ['action', 'goto', 'nop', 'suppress_prefixlen', 'suppress_ifgroup', 'flow', 'flow_from', 'flow_to'].map(
      key => [key, modifier],
    ),
  ),
  dst: ({ value, selector: { dstlen }, packet }) =>
    contains(cidr(dstlen === undefined ? String(value) : `${value}/${dstlen}`), cidr(packet.destination)),
  fwmark: ({ value, selector: { fwmask = 0xffffffff }, packet }) =>
    (packet.mark & Number(fwmask)) >>> 0 === Number(value) >>> 0,
  // What the place itself sends comes from lo.
  iif: ({ value, packet }) => value === (packet.input ?? 'lo'),
  // Only sockets that are bound to an interface ask for one.
  oif: () => false,
  tos: ({ value }) => Number(value) === 0,
  dscp: ({ value }) => Number(value) === 0,
  tun_id: () => false,
  // What is forwarded counts as root's; whose the packets of this place are is not known.
  uid_start: ({ value, packet }) => (packet.input === null ? null : Number(value) === 0),
  uid_end: modifier,
  ipproto: ({ value, packet }) => protocolIs(String(value), packet),
  dport: ({ value, packet }) => portIn(packet, Number(value), Number(value)),
  dport_start: ({ value, selector: { dport_end }, packet }) =>
    portIn(packet, Number(value), Number(dport_end ?? value)),
  dport_end: modifier,
  // A client's port is the kernel's choice.
  sport: ({ packet }) => (packet.protocol === 'icmp' ? false : null),
  sport_start: ({ packet }) => (packet.protocol === 'icmp' ? false : null),
  sport_end: modifier,
  l3mdev: ({ packet: { input }, place: { links } }) => {
    const master = linkNamed(links, input ?? '')?.master
    return linkNamed(links, master ?? '')?.kind === 'vrf' ? null : false
  },
}

const NUMBERS: Record<string, number> = { icmp: 1, tcp: 6, udp: 17, 'ipv6-icmp': 58, sctp: 132 }

/** `tcp`, or a number as `ipproto-6`. */
function protocolIs(text: string, { protocol, family }: RoutedPacket): Truth {
  if (protocol === null) return null
  const own = protocol === 'icmp' && family === 'ipv6' ? 'ipv6-icmp' : protocol
  const number = NUMBERS[text] ?? Number(text.replace(/^ipproto-/, ''))
  return Number.isNaN(number) ? null : number === NUMBERS[own]
}

function portIn({ protocol, destinationPort }: RoutedPacket, first: number, last: number): Truth {
  if (protocol === 'icmp') return false
  return destinationPort === null ? null : destinationPort >= first && destinationPort <= last
}
