// Generated from schemas/topology.schema.json by npm run generate; do not edit.

/**
 * A network, or an object where more is to be said than the network.
 */
export type SubnetOrCidr = Cidr | Subnet
/**
 * An IPv4 or IPv6 network: address, slash, prefix length.
 */
export type Cidr = string
/**
 * A number, or text as the kernel reads it.
 */
export type SysctlValue = number | string
/**
 * `namespace:interface`, `namespace`, or an object where more is to be said; `host` is the host itself.
 */
export type End = string | EndObject
/**
 * On a subnet a bare address in it; without a subnet an address with prefix length.
 */
export type EndAddress = string
/**
 * A port number, 1 to 65535.
 */
export type Port = number

/**
 * One file describes one topology on one host: network namespaces, the veth pairs and subnets that join them, the ports that are published, and what may talk to what. String values may hold `${VAR}` and `${VAR:-default}`, read from the environment; inside `{ … }` and `[ … ]` such a value must be quoted.
 */
export interface TopologyFile {
  /**
   * The topology's identity on the host. Two files with one name are two versions of one topology.
   */
  name: string
  /**
   * The host interfaces that lead outside. They are only referred to: never created, deleted, or changed but for forwarding. `default` stands for every interface that carries a default route at plan time. An altname stands for its interface. Empty: no way out.
   *
   * Items: The name of a host interface, or `default` for every interface that carries a default route at plan time.
   */
  uplinks?: string[]
  /**
   * Networks by name. Subnets and namespaces share one space of names.
   */
  subnets?: {
    [k: string]: SubnetOrCidr
  }
  /**
   * Network namespaces by name, as `ip netns` knows them. Write `{}` for one without settings of its own.
   */
  namespaces?: {
    [k: string]: Namespace
  }
  /**
   * Virtual cables, each between two ends. A pair's identity is its two (namespace, interface) ends.
   */
  veths?: Veth[]
  /**
   * Ports of the host that lead to a namespace. Two forwards conflict when protocol and port intersect, and address, and uplinks.
   */
  forwards?: Forward[]
  /**
   * Opens direct paths; without one, namespaces of different subnets, and the outside, are kept apart.
   */
  allow?: Allow[]
  host?: Host
  /**
   * What must be reachable, and what must not; checked by `nsctl verify` with real packets.
   */
  expect?: Expectation[]
  /**
   * Findings of the plan (conflicts, risks) that are known and wanted, as `code:subject`. The same as `--accept`.
   *
   * Items: The code of a finding of the plan and its subject.
   */
  accept?: string[]
}
/**
 * A network with settings of its own.
 */
export interface Subnet {
  /**
   * One network, or one IPv4 and one IPv6 network. In /31 and /127 both addresses are usable; /32 and /128 are errors.
   */
  cidr: Cidr | [string] | [string, string]
  /**
   * The host's address in the subnet, one per family; default: the first usable address of each network. `none` (with `bridge`): a pure layer-2 segment without the host in it. On a subnet whose pair joins two namespaces no address is reserved, and no gateway can be given.
   */
  gateway?: string | [string] | [string, string]
  /**
   * Makes the subnet a shared segment: a Linux bridge of this name on the host carries the gateway address, and every host end of its veths is a port of it. Without it a subnet holds exactly one veth pair.
   */
  bridge?: string
  /**
   * Through which of the topology's uplinks the subnet may leave; default: all. `[]`: no way out.
   *
   * Items: The name of a host interface, or `default` for every interface that carries a default route at plan time.
   */
  uplinks?: string[]
  /**
   * Whether what leaves bears the uplink's address, or for which families; default: IPv4 and unique-local IPv6 (fc00::/7) yes, global IPv6 no. Not masqueraded means routed with source addresses kept; it never opens anything inbound.
   */
  masquerade?: boolean | ('ipv4' | 'ipv6')[]
  /**
   * Whether the namespaces may talk to services on the host. `false`: only published ports, ICMP, and replies.
   */
  'host-access'?: boolean
  /**
   * For every link of the subnet; a veth's own `mtu` wins. With IPv6 at least 1280. Default: the kernel's.
   */
  mtu?: number
}
/**
 * Settings of one namespace; `{}` for none.
 */
export interface Namespace {
  /**
   * Written to `/etc/netns/<name>/resolv.conf`, which `ip netns exec` puts in place. Default: where the host's own resolv.conf names only loopback servers (systemd-resolved), the servers behind those.
   *
   * Items: An IPv4 or IPv6 address without prefix length.
   */
  nameservers?: string[]
  /**
   * Domains that short host names are looked up in, written to the same file.
   *
   * Items: A domain name.
   */
  search?: string[]
  /**
   * Kernel settings inside the namespace: `net.*` only, with `.` or `/` as separator. A key removed from the file goes back to its value before. Keys that nsctl manages itself, or that are not per namespace, are errors.
   */
  sysctls?: {
    [k: string]: SysctlValue
  }
  /**
   * Routes inside the namespace. A default route without metric takes the place of the automatic one of its family.
   */
  routes?: Route[]
  /**
   * Takes over an existing namespace that nsctl did not make: it is marked, and left in place by destroy.
   */
  adopt?: true
}
/**
 * One route; with `via`, `dev` or both, or of a type that drops.
 */
export interface Route {
  /**
   * A network, or `default`: of `via`'s family, without `via` IPv4.
   */
  to: string
  /**
   * The address of the next router, in a network that the namespace is connected to.
   */
  via?: string
  /**
   * The interface that the route leaves through; default: the one that `via` is reached on.
   */
  dev?: string
  /**
   * Of several routes to one destination the one with the lowest metric is taken. Default: the kernel's.
   */
  metric?: number
  /**
   * `blackhole` drops silently, `unreachable` with an ICMP error; both take neither `via` nor `dev`.
   */
  type?: 'unicast' | 'blackhole' | 'unreachable'
}
/**
 * A virtual cable between two ends.
 */
export interface Veth {
  /**
   * The subnet that both ends are in; without one, the ends have only the addresses they name.
   */
  subnet?: string
  /**
   * The two ends; at most one of them `host`.
   *
   * @minItems 2
   * @maxItems 2
   */
  ends: [End, End]
  /**
   * For both ends; default: the subnet's.
   */
  mtu?: number
  /**
   * Takes over an existing pair that nsctl did not make: it is marked, and left in place by destroy.
   */
  adopt?: true
}
/**
 * One end of a pair with settings of its own.
 */
export interface EndObject {
  /**
   * A declared namespace, or `host`.
   */
  namespace: string
  /**
   * Default: `eth0`, `eth1`… inside a namespace; on the host a name derived from the far end.
   */
  interface?: string
  /**
   * With a subnet bare address(es) in it; without one address(es) with prefix length. Default: the gateway on the host; inside, the lowest free one, kept once it is drawn. `nsctl pin` writes the chosen addresses into the file.
   */
  address?: EndAddress | [string, ...string[]]
  /**
   * Six bytes in hexadecimal; default: the kernel draws one.
   */
  mac?: string
  /**
   * Whether the namespace's default route goes through this end. Default: per family, its first veth in file order on a subnet whose gateway is on the host. Two that claim it are an error.
   */
  'default-route'?: boolean
  /**
   * What the end may send, in tc's units: bit, kbit, mbit, gbit, tbit (of 1000), kibit… (of 1024), and bps, kbps… in bytes.
   */
  rate?: string
}
/**
 * A port of the host that leads to a namespace.
 */
export interface Forward {
  /**
   * Port or range on the host, optionally behind an address: without one every local address, `0.0.0.0` every IPv4, `[::]` every IPv6 address. `127.0.0.1:6000` is for the host alone; `[::1]` cannot be published.
   */
  listen: Port | string
  /**
   * By name, never by address: the namespace's first veth to the host, or the one on the named subnet. Without a port the same port; a range is equally long.
   */
  to: string | Target
  /**
   * One protocol, or a list.
   */
  protocol?: ('tcp' | 'udp' | 'sctp') | ['tcp' | 'udp' | 'sctp', ...('tcp' | 'udp' | 'sctp')[]]
  /**
   * On which of the topology's uplinks it is published; default: all. Restricts only what arrives from outside.
   *
   * Items: The name of a host interface, or `default` for every interface that carries a default route at plan time.
   */
  uplinks?: string[]
  /**
   * Networks it may be reached from; default: anywhere. Restricts only what arrives from outside.
   *
   * @minItems 1
   *
   * Items: An IPv4 or IPv6 network: address, slash, prefix length.
   */
  sources?: [string, ...string[]]
}
/**
 * A namespace, where it has several veths to the host the subnet of one, and a port.
 */
export interface Target {
  /**
   * A declared namespace.
   */
  namespace: string
  /**
   * Which of the namespace's veths to the host; default: the first.
   */
  subnet?: string
  /**
   * Port or range in the namespace; default: the same as `listen`.
   */
  port?: Port | string
}
/**
 * Lets `from` open connections to `to` directly, by the namespaces' own addresses.
 */
export interface Allow {
  /**
   * A subnet, a namespace, or `outside`.
   */
  from: string
  /**
   * A subnet or a namespace.
   */
  to: string
  /**
   * One protocol, or a list. Default: all four; with `ports`: tcp.
   */
  protocol?:
    | ('tcp' | 'udp' | 'sctp' | 'icmp')
    | ['tcp' | 'udp' | 'sctp' | 'icmp', ...('tcp' | 'udp' | 'sctp' | 'icmp')[]]
  /**
   * Ports and ranges at `to`; default: all.
   *
   * @minItems 1
   *
   * Items: A port number, or a range with both ends in it.
   */
  ports?: [
    (Port | string) &
      (((Port | string) & number) | ((Port | string) & string)) &
      (Port | string) &
      (((Port | string) & number) | ((Port | string) & string)),
    ...((Port | string) &
      (((Port | string) & number) | ((Port | string) & string)) &
      (Port | string) &
      (((Port | string) & number) | ((Port | string) & string)))[],
  ]
}
/**
 * What the topology needs of the host itself; given back by destroy.
 */
export interface Host {
  /**
   * Routes on the host, removed again by destroy.
   */
  routes?: Route[]
  /**
   * `drop` sets the policy of the FORWARD chain to DROP while the topology exists, in each family that it has addresses of; `keep` leaves it.
   */
  'forward-policy'?: 'drop' | 'keep'
}
/**
 * One thing that must be reachable, or must not.
 */
export interface Expectation {
  /**
   * A namespace, `host` or `outside`. `outside` cannot send from here: it is judged by `nsctl explain`.
   */
  from: string
  /**
   * `namespace:port`, `host:port` or `address:port`; for icmp without port.
   */
  to: string
  /**
   * The protocol to try.
   */
  protocol?: 'tcp' | 'udp' | 'icmp'
  /**
   * Whether it must be reachable, or must not.
   */
  reachable?: boolean
  /**
   * In place of `reachable`: the path is open, whether or not anything listens yet. A refusal by the target itself shows that.
   */
  open?: true
}
