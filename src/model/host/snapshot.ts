import type { Family } from '../address.ts'
import type { NftRuleset } from '../nft/ruleset.ts'
import type { NextHop } from './next-hop.ts'

/** The live host as read from the kernel, everything a plan rests on; plain JSON, so that a plan can be made elsewhere. */
export interface Snapshot {
  formatVersion: '1.0'
  host: HostState
  /** By name as in /run/netns. */
  namespaces: Record<string, NamespaceState>
  firewall: Firewall
  /** Sockets that listen on the host, from `ss`. */
  listeners: Listener[]
  /** /etc/netns: itself as `/`, directories as `netns1/`, files as `netns1/resolv.conf` with their content. */
  etcNetns: Record<string, string | null>
  /** What nsctl knows from /run/nsctl. */
  claims: Claim[]
  journal: JournalHead | null
}

/** As `nsctl snapshot` prints it: it may be for a plan of any topology. */
export interface SavedSnapshot extends Snapshot {
  /** Of every apply that did not end, whosever. */
  journals: JournalHead[]
}

/** What one network namespace holds. */
export interface NetworkState {
  links: Link[]
  routes: Route[]
  rules: PolicyRule[]
  /** Values by key as below /proc/sys, `net/ipv4/ip_forward`: those the plan needs. */
  sysctls: Record<string, string>
  /** Absent: `routes` are all there are. */
  routesLeftOut?: RoutesLeftOut
}

/**
 * Of very many routes only those were read that a plan for some networks needs: default routes and other wide ones, those
 * of the kernel and of nsctl, and all that overlap with these networks.
 */
export interface RoutesLeftOut {
  count: number
  /** Canonical CIDRs. */
  wholeFor: string[]
}

export interface HostState extends NetworkState {
  kernel: string
  /** Whether the kernel has the IPv6 stack at all. */
  ipv6: boolean
  /** Name servers that are no loopback: from /etc/resolv.conf or, behind systemd-resolved, its upstream list. */
  nameservers: string[]
  search: string[]
  /** Whether /etc/resolv.conf names only loopback servers, which a namespace cannot reach. */
  loopbackResolver: boolean
  /** Set where nsctl runs with mounts that the host does not see: namespaces made there end with them. */
  privateMounts?: true
}

export interface NamespaceState extends NetworkState {
  /** Processes whose network namespace this is, filled where a plan may delete it. */
  pids: { pid: number; command: string }[]
  /** Why it could not be entered; then nothing else is known of it. */
  unreadable?: string
  /** It is but the empty file that a namespace was mounted on; `ip netns add` refuses to use it again. */
  leftover?: true
}

export interface Link {
  index: number
  name: string
  /** Other names that the kernel knows it by, in its order; absent: none. */
  altnames?: string[]
  /** `veth`, `bridge`…; null for what has no kind, as physical interfaces and lo. */
  kind: string | null
  up: boolean
  mtu: number
  mac: string
  group: number
  alias: string | null
  /** Name of the bridge or bond it is a port of. */
  master: string | null
  /** The other end of a veth pair; namespace null when it lies in one without a name here. */
  peer: { namespace: string | null; interface: string | null } | null
  addresses: LinkAddress[]
  /** Root queueing discipline with the parameters that matter, for `rate`; null for the kernel's default. */
  qdisc: { kind: string; rate: number | null } | null
  /** Hairpin on a bridge port. */
  hairpin: boolean
}

export interface LinkAddress {
  /** With prefix, canonical. */
  address: string
  scope: 'global' | 'link' | 'host' | 'site'
  tentative: boolean
}

export interface Route {
  family: Family
  /** Canonical CIDR; `0.0.0.0/0`, `::/0` for default. */
  to: string
  via: string | null
  dev: string | null
  table: number
  /** Number of the routing protocol, 110 = nsctl, 2 = kernel. */
  protocol: number
  metric: number
  type:
    | 'unicast'
    | 'local'
    | 'broadcast'
    | 'multicast'
    | 'blackhole'
    | 'unreachable'
    | 'prohibit'
    | 'throw'
    | 'anycast'
  source: string | null
  /** Several next hops; `via` and `dev` are null then. */
  multipath?: true
  /** The next hops of `multipath`; older snapshots lack them. */
  hops?: NextHop[]
  /** As of a next hop. */
  onlink?: true
  /** Only for packets from this network. */
  from?: string
  /** Only for packets of this type of service, `0x10`. */
  tos?: string
}

export interface PolicyRule {
  family: Family
  priority: number
  /** CIDR, or `all`. */
  from: string
  table: number
  protocol: number
  /** The rest of the selector as `ip rule` prints it in JSON: fwmark, iif, oif… */
  selector: Record<string, string | number>
}

export type Variant = 'nft' | 'legacy'

export interface Firewall {
  /** The variant that nsctl's rules go to. */
  variant: Variant
  version: string
  /** Rules of that variant. */
  ipv4: Table[]
  ipv6: Table[]
  /** Rules that the other variant holds: both are in force. */
  other: { variant: Variant; ipv4: Table[]; ipv6: Table[] }
  /** Native nftables base chains of other tables that can drop, as `inet filter forward`. */
  foreignNft: { family: string; table: string; chain: string; hook: string; policy: string }[]
  /** The rules of those tables; absent where there are none, and in snapshots of older versions. */
  nft?: NftRuleset
  /** Tables that iptables cannot print; in their place stands what nft tells. Absent: none. */
  unreadable?: UnreadableTable[]
  /** Rules that iptables prints as other rules; in their place stand rules that say they are not known. Absent: none. */
  native?: NativeRule[]
}

/** A rule in a table of iptables that was written with nft, so that iptables prints it as another rule, or not at all. */
export interface NativeRule {
  family: Family
  table: string
  chain: string
  /** By which nft deletes it. */
  handle: number
  /** As nft prints it. */
  text: string
  /** Who has likely written it; null where nothing tells. */
  owner: string | null
}

/** A table that iptables cannot print: nothing is known of what it did not print. */
export interface UnreadableTable {
  variant: Variant
  family: Family
  table: string
  /** What the tool said instead. */
  why: string
  /** The rules that it cannot print; empty where there is no nft to tell them. */
  culprits: NativeRule[]
  /** The rules that lead to chains of nsctl. */
  jumps: NativeJump[]
}

export interface NativeJump extends NativeRule {
  /** The chain. */
  to: string
  /** Whether nsctl has written it, as far as that can be told. */
  own: boolean
}

export interface Table {
  name: string
  chains: Chain[]
}

export interface Chain {
  name: string
  /** ACCEPT or DROP of a built-in chain; null for a user-defined one. */
  policy: string | null
  /** In order, as iptables-save prints them without `-A CHAIN `. */
  rules: string[]
}

export interface Listener {
  protocol: 'tcp' | 'udp' | 'sctp'
  /** `0.0.0.0`, `::` or `*` for every address. */
  address: string
  port: number
  /** `nginx (pid 812)`, or null where it may not be seen. */
  process: string | null
}

/** A value outside nsctl's own objects that nsctl set and will give back. */
export interface Claim {
  /** `sysctl`: key as below /proc/sys; `policy`: `ipv4/FORWARD`; `directory`: path; `address`: `eth0/192.0.2.1/24`; `route`: `10.0.0.0/8/254/0`; `rule`: its id. */
  kind: 'sysctl' | 'policy' | 'directory' | 'address' | 'route' | 'rule'
  /** `host` or the namespace it lies in. */
  scope: string
  key: string
  before: string | null
  set: string
  /** What nsctl had set before that: still in force if it was killed between the claim and the change. */
  replaces?: string
  /** conf/all/forwarding of the family when it was claimed: if it has risen since, somebody else relies on forwarding. */
  allForwarding: string | null
  /** Names of the topologies that hold it. */
  holders: string[]
}

/** What an apply that did not end has left in /run/nsctl: which objects it may have made before they could be marked. */
export interface JournalHead {
  topology: string
  pid: number
  startedAt: string
  /** Ids of the resources it was to create. */
  creates: string[]
}
