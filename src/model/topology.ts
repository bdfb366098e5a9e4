import type { Family } from './address.ts'
import type { Source } from './diagnostic.ts'

/**
 * A topology as its author meant it: names resolved, defaults filled, every part with its place in the file.
 * What depends on the live host (the uplink `default`, automatic addresses) is filled by the planner's resolve.
 */
export interface Topology {
  name: string
  file: string
  /** SHA-256 of the text it was read from, in hexadecimal. */
  sha256: string
  /** Host interfaces that lead outside; may hold the word `default` until resolved. */
  uplinks: string[]
  uplinkSources: Record<string, Source>
  subnets: Subnet[]
  namespaces: Namespace[]
  veths: Veth[]
  forwards: Forward[]
  allows: Allow[]
  expects: Expectation[]
  hostRoutes: DeclaredRoute[]
  forwardPolicy: 'drop' | 'keep'
  /** Findings the author knows and wants, as `code:subject`. */
  accept: string[]
  source: Source
}

export interface Subnet {
  name: string
  /** Canonical CIDRs, at most one per family. */
  networks: string[]
  /** The host's address in each network, without prefix; empty for a segment without the host in it. */
  gateways: string[]
  bridge: string | null
  /** Subset of the topology's uplinks the subnet may leave through. */
  uplinks: string[]
  masquerade: Family[]
  hostAccess: boolean
  mtu: number | null
  source: Source
}

export interface Namespace {
  name: string
  /** null: not given, so the host's own upstream servers may serve. */
  nameservers: string[] | null
  search: string[]
  /** Keys with `/` as separator, as below /proc/sys. */
  sysctls: { key: string; value: string; source: Source }[]
  routes: DeclaredRoute[]
  adopt: boolean
  source: Source
}

export interface DeclaredRoute {
  /** Canonical CIDR; `0.0.0.0/0` or `::/0` for default. */
  to: string
  via: string | null
  dev: string | null
  metric: number | null
  type: 'unicast' | 'blackhole' | 'unreachable'
  source: Source
}

export interface Veth {
  subnet: string | null
  ends: [End, End]
  adopt: boolean
  source: Source
}

/** One end of a veth pair; identity of the pair = its two (namespace, interface). */
export interface End {
  /** `host` for the host itself. */
  namespace: string
  interface: string
  /** Whether the interface's name was derived, not written. */
  derivedInterface: boolean
  /** With prefix. Explicit ones from the loader; resolve adds one for each family in `automatic`. */
  addresses: string[]
  /** Families of the subnet for which an address is still to be drawn. */
  automatic: Family[]
  mac: string | null
  /** null: the kernel's default. */
  mtu: number | null
  /** Families whose default route goes through this end, via the subnet's gateway. */
  defaultRoute: Family[]
  /** What the end may send, in bits per second. */
  rate: number | null
  source: Source
}

export type Protocol = 'tcp' | 'udp' | 'sctp'

/** Inclusive. */
export interface PortRange {
  first: number
  last: number
}

export interface Forward {
  protocols: Protocol[]
  /** null: every local address of the families in `families`. */
  listenAddress: string | null
  listenPorts: PortRange
  families: Family[]
  target: { namespace: string; interface: string; ports: PortRange }
  /** Subset of the topology's uplinks it is published on. */
  uplinks: string[]
  /** CIDRs; empty: from anywhere. */
  sources: string[]
  source: Source
}

export type AllowPeer =
  | { kind: 'subnet'; name: string }
  | { kind: 'namespace'; name: string }
  | { kind: 'outside' }

export interface Allow {
  from: AllowPeer
  to: AllowPeer
  protocols: (Protocol | 'icmp')[]
  /** Empty: every port. */
  ports: PortRange[]
  source: Source
}

export interface Expectation {
  from: string
  to: string
  protocol: 'tcp' | 'udp' | 'icmp'
  reachable: boolean
  /** Only the path counts, and not whether anybody listens; `reachable` is true then. */
  open: boolean
  source: Source
}
