import { OUTSIDE } from '../../../src/kernel/sandbox.ts'
import { CLIENT4, CLIENT6 } from '../host/addresses.ts'

/** Subnets of both families, a segment, one that may use no uplink, one closed to the host's services, one routed. */
export const TOPOLOGY = `
name: maze
uplinks: [ens5]
subnets:
  web: { cidr: [10.20.1.0/24, fd20:1::/64] }
  app: { cidr: 10.20.2.0/24, host-access: false }
  lab: { cidr: [10.20.3.0/24, fd20:3::/64], bridge: brlab }
  shut: { cidr: 10.20.4.0/24, uplinks: [] }
  raw: { cidr: 10.20.5.0/24, masquerade: false }
namespaces: { web1: {}, app1: {}, lab1: {}, lab2: {}, shut1: {}, raw1: {} }
veths:
  - { subnet: web, ends: [host:v-web, web1:eth0] }
  - { subnet: app, ends: [host:v-app, app1:eth0] }
  - { subnet: lab, ends: [host:v-lab1, lab1:eth0] }
  - { subnet: lab, ends: [host:v-lab2, lab2:eth0] }
  - { subnet: shut, ends: [host:v-shut, shut1:eth0] }
  - { subnet: raw, ends: [host:v-raw, raw1:eth0] }
forwards:
  - { listen: 6000, to: web1:8080, protocol: [tcp, udp] }
  - { listen: 6001-6003, to: lab1:8080-8082 }
  - { listen: 6004, to: app1:9, protocol: tcp }
  - { listen: 6005, to: shut1:8080, sources: [203.0.113.0/24] }
  - { listen: '127.0.0.1:6006', to: raw1:8080 }
allow:
  - { from: web, to: app1, protocol: [tcp, icmp], ports: [8080] }
  - { from: lab1, to: web, protocol: udp }
  - { from: outside, to: raw, protocol: tcp, ports: [8080] }
`.replace('protocol: [tcp, icmp], ports: [8080]', 'protocol: tcp, ports: [8080]')

/** Something that is wrong with a host, made by hand, and how it is mended. */
interface Trouble {
  name: string
  make: string
  mend: string
}

const both = (rule: string) => `iptables ${rule}; ip6tables ${rule}`
const rule = (name: string, table: string, chain: string, text: string, tool = 'iptables'): Trouble => ({
  name,
  make: `${tool} -t ${table} -I ${chain} ${text}`,
  mend: `${tool} -t ${table} -D ${chain} ${text}`,
})

export const TROUBLES: Trouble[] = [
  { name: 'nothing', make: 'true', mend: 'true' },
  rule('foreign drop', 'filter', 'FORWARD', '-p tcp -m tcp --dport 8080 -j DROP'),
  rule('foreign reject of UDP', 'filter', 'FORWARD', '-p udp -j REJECT --reject-with icmp-port-unreachable'),
  rule('foreign multiport', 'filter', 'FORWARD', '-p tcp -m multiport --dports 80,8081:8090 -j DROP'),
  rule(
    'foreign drop of what comes from outside',
    'mangle',
    'PREROUTING',
    '-i ens+ -m conntrack --ctstate NEW -j DROP',
  ),
  rule('answers dropped', 'filter', 'FORWARD', '-m conntrack --ctdir REPLY -j DROP'),
  rule('legacy drop', 'filter', 'FORWARD', '-s 10.20.1.0/24 -j DROP', 'iptables-legacy'),
  rule('legacy drop of input', 'filter', 'INPUT', '-p tcp -m tcp --dport 7001 -j DROP', 'iptables-legacy'),
  rule('IPv6 drop', 'filter', 'FORWARD', '-p tcp -j DROP', 'ip6tables'),
  rule('IPv6 drop of output', 'filter', 'OUTPUT', '-p udp -j REJECT', 'ip6tables'),
  rule('drop by range', 'filter', 'FORWARD', '-m iprange --src-range 10.20.2.0-10.20.3.9 -j DROP'),
  rule('drop by type', 'filter', 'INPUT', '-m addrtype ! --src-type LOCAL -p icmp -j DROP'),
  rule('drop of SYN', 'raw', 'PREROUTING', '-i v-lab1 -p tcp -m tcp --tcp-flags SYN,ACK SYN -j DROP'),
  rule('drop of SYN and ACK', 'raw', 'OUTPUT', '-p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK -j DROP'),
  rule('hijack', 'nat', 'PREROUTING', '-p tcp -m tcp --dport 6000 -j DNAT --to-destination 10.20.3.2:8081'),
  rule('redirect', 'nat', 'PREROUTING', '-p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 7001'),
  rule('redirect of own', 'nat', 'OUTPUT', '-p tcp -m tcp --dport 6001 -j REDIRECT --to-ports 7001'),
  rule('foreign SNAT', 'nat', 'POSTROUTING', `-o ens5 -j SNAT --to-source 203.0.113.77`),
  rule('untracked', 'raw', 'PREROUTING', '-i ens5 -j CT --notrack'),
  rule('not masqueraded', 'nat', 'POSTROUTING', '-s 10.20.1.0/24 -j ACCEPT'),
  rule('return', 'filter', 'INPUT', '-p tcp -j RETURN'),
  { name: 'policy FORWARD', make: both('-P FORWARD DROP'), mend: both('-P FORWARD ACCEPT') },
  {
    name: 'policy INPUT',
    make: `iptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT; iptables -P INPUT DROP`,
    mend: `iptables -P INPUT ACCEPT; iptables -D INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT`,
  },
  {
    name: 'policy OUTPUT, but for what is established',
    make: `iptables -A OUTPUT -m state --state ESTABLISHED -j ACCEPT; iptables -P OUTPUT DROP`,
    mend: `iptables -P OUTPUT ACCEPT; iptables -D OUTPUT -m state --state ESTABLISHED -j ACCEPT`,
  },
  {
    name: 'a chain of somebody with goto and return',
    make: `iptables -N WALL; iptables -A WALL -p udp -j RETURN; iptables -A WALL -p tcp -m tcp --dport 8081 -j DROP; iptables -I FORWARD -o v-lab1 -j WALL; iptables -I FORWARD -o brlab -g WALL`,
    mend: `iptables -D FORWARD -o v-lab1 -j WALL; iptables -D FORWARD -o brlab -g WALL; iptables -F WALL; iptables -X WALL`,
  },
  {
    name: 'a mark with a rule that sends it away',
    make: 'iptables -t mangle -I PREROUTING -i v-web -p udp -j MARK --set-xmark 0x40/0xff; ip rule add fwmark 0x40/0x40 blackhole',
    mend: 'iptables -t mangle -D PREROUTING -i v-web -p udp -j MARK --set-xmark 0x40/0xff; ip rule del fwmark 0x40/0x40 blackhole',
  },
  { name: 'forwarding of the uplink off', make: 'sysctl -qw net.ipv4.conf.ens5.forwarding=0', mend: 'true' },
  { name: 'forwarding of a link off', make: 'sysctl -qw net.ipv4.conf.v-web.forwarding=0', mend: 'true' },
  { name: 'IPv6 forwarding off', make: 'sysctl -qw net.ipv6.conf.v-web.force_forwarding=0', mend: 'true' },
  { name: 'route_localnet off', make: 'sysctl -qw net.ipv4.conf.v-web.route_localnet=0', mend: 'true' },
  {
    name: 'blackhole',
    make: `ip route add blackhole ${CLIENT4}/32`,
    mend: `ip route del blackhole ${CLIENT4}/32`,
  },
  {
    name: 'unreachable',
    make: `ip route add unreachable ${CLIENT6}/128`,
    mend: `ip route del unreachable ${CLIENT6}/128`,
  },
  {
    name: 'prohibited in a namespace',
    make: `ip -n lab1 route add prohibit ${CLIENT4}/32`,
    mend: `ip -n lab1 route del prohibit ${CLIENT4}/32`,
  },
  {
    name: 'no default route',
    make: 'ip -n web1 route del default; ip -n web1 -6 route del default',
    mend: 'true',
  },
  {
    name: 'wrong gateway',
    make: 'ip -n lab2 route replace default via 10.20.3.99',
    mend: 'ip -n lab2 route replace default via 10.20.3.1',
  },
  {
    name: 'the host has lost its default route',
    make: 'ip route del default',
    mend: 'ip route add default via 203.0.113.1 dev ens5',
  },
  {
    name: 'a way elsewhere',
    make: `ip route add ${CLIENT4}/32 dev v-app`,
    mend: `ip route del ${CLIENT4}/32 dev v-app`,
  },
  { name: 'a link inside down', make: 'ip -n app1 link set eth0 down', mend: 'true' },
  { name: 'a link on the host down', make: 'ip link set v-lab2 down', mend: 'true' },
  { name: 'the bridge down', make: 'ip link set brlab down', mend: 'true' },
  { name: 'an address gone', make: 'ip -n web1 address flush dev eth0 scope global', mend: 'true' },
  {
    name: 'strict rp_filter',
    make: `sysctl -qw net.ipv4.conf.ens5.rp_filter=1; ip route add ${CLIENT4}/32 dev v-web`,
    mend: `sysctl -qw net.ipv4.conf.ens5.rp_filter=0; ip route del ${CLIENT4}/32 dev v-web`,
  },
  {
    name: 'a namespace with rules of its own',
    make: 'ip netns exec web1 iptables -A INPUT -p tcp -m tcp --dport 8080 -j REJECT --reject-with tcp-reset',
    mend: 'ip netns exec web1 iptables -F INPUT',
  },
  {
    name: 'a namespace that lets nothing out',
    make: 'ip netns exec lab1 iptables -P OUTPUT DROP',
    mend: 'ip netns exec lab1 iptables -P OUTPUT ACCEPT',
  },
  {
    name: 'a namespace with legacy rules',
    make: 'ip netns exec lab2 iptables-legacy -A INPUT -s 10.20.3.0/24 -j DROP',
    mend: 'ip netns exec lab2 iptables-legacy -F INPUT',
  },
  {
    name: 'no pings',
    make: 'sysctl -qw net.ipv4.icmp_echo_ignore_all=1',
    mend: 'sysctl -qw net.ipv4.icmp_echo_ignore_all=0',
  },
  {
    name: 'iptables sees bridges',
    make: 'sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1',
    mend: 'sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0',
  },
  {
    name: 'iptables sees bridges, and drops there',
    make: 'sysctl -qw net.bridge.bridge-nf-call-iptables=1; iptables -I FORWARD -i brlab -o brlab -p tcp -j DROP',
    mend: 'sysctl -qw net.bridge.bridge-nf-call-iptables=0; iptables -D FORWARD -i brlab -o brlab -p tcp -j DROP',
  },
  {
    name: 'published ports flushed',
    make: 'iptables -t nat -F NSCTL-maze-PRE',
    mend: 'true',
  },
  { name: 'source translation flushed', make: 'iptables -t nat -F NSCTL-maze-POST', mend: 'true' },
  { name: 'guard flushed', make: 'iptables -t mangle -F NSCTL-maze-GRD', mend: 'true' },
  {
    name: 'everything flushed',
    make: 'iptables -F; iptables -t nat -F; iptables -t mangle -F; iptables -t raw -F',
    mend: 'true',
  },
]

const PLACES = ['web1', 'app1', 'lab1', 'lab2', 'shut1', 'raw1']

export interface Attempt {
  from: string
  protocol: 'tcp' | 'udp' | 'icmp'
  address: string
  port: number | null
}

const ADDRESSES: Record<string, string[]> = {
  web1: ['10.20.1.2', 'fd20:1::2'],
  app1: ['10.20.2.2'],
  lab1: ['10.20.3.2', 'fd20:3::2'],
  lab2: ['10.20.3.3', 'fd20:3::3'],
  shut1: ['10.20.4.2'],
  raw1: ['10.20.5.2'],
}
const GATEWAYS = ['10.20.1.1', '10.20.2.1', '10.20.3.1', '10.20.4.1', '10.20.5.1', 'fd20:1::1', 'fd20:3::1']

/** A generator of numbers below 1 that is the same for the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function chooser(random: () => number) {
  return <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
}

/** A flow between any two places, most of them to where something might be. */
export function randomAttempt(random: () => number): Attempt {
  const pick = chooser(random)
  const from = pick([...PLACES, ...PLACES, 'host', 'host', 'outside', 'outside', 'outside', 'outside'])
  const protocol = pick(['tcp', 'tcp', 'tcp', 'udp', 'udp', 'icmp'] as const)
  const address = pick([
    ...OUTSIDE.host,
    ...OUTSIDE.host,
    ...OUTSIDE.host,
    ...(from === 'outside' ? [] : [...OUTSIDE.client, ...OUTSIDE.client, ...GATEWAYS]),
    ...(from === 'host' ? ['127.0.0.1'] : []),
    ...Object.values(ADDRESSES).flat(),
  ])
  const isHost = [...OUTSIDE.host, ...GATEWAYS, '127.0.0.1'].includes(address)
  const isClient = (OUTSIDE.client as readonly string[]).includes(address)
  const ports = isHost
    ? [6000, 6000, 6001, 6002, 6003, 6004, 6005, 6006, 7001]
    : isClient
      ? [80, 80, 81]
      : [8080, 8080, 8081, 9]
  return { from, protocol, address, port: protocol === 'icmp' ? null : pick(ports) }
}
