import { describeDrift } from './drifting.ts'

const SETTLED = `
name: edit
uplinks: [ens5]
subnets:
  web: 10.1.0.0/24
  db: 10.1.1.0/24
namespaces:
  n1: {}
  n2: { nameservers: [192.0.2.53], sysctls: { net.ipv4.ip_default_ttl: 99 } }
veths:
  - { subnet: web, ends: [host:v1, n1:eth0] }
  - { subnet: db, ends: [host:v2, { namespace: n2, interface: eth0, mac: '02:00:00:00:00:02' }] }
forwards:
  - { listen: 6000, to: n1:8080 }
  - { listen: 6001, to: n2:8080 }
`

/** What somebody may have done behind nsctl's back. */
const DRIFT: [string, string][] = [
  ['a link deleted', 'ip link del v2'],
  ['a link renamed', 'ip link set v2 down; ip link set v2 name stolen; ip link set stolen up'],
  ['a link renamed in its namespace', 'ip -n n2 link set eth0 down; ip -n n2 link set eth0 name stolen'],
  ['a link down', 'ip link set v2 down'],
  ['a link down in its namespace', 'ip -n n2 link set eth0 down'],
  ['the loopback down', 'ip -n n2 link set lo down'],
  ['another MTU', 'ip -n n2 link set eth0 mtu 1280'],
  ['an address gone', 'ip -n n2 address flush dev eth0 scope global'],
  ['the gateway’s address gone', 'ip address del 10.1.1.1/24 dev v2'],
  ['an address more', 'ip address add 10.1.1.9/24 dev v2'],
  ['the default route gone', 'ip -n n2 route del default'],
  ['another default route', 'ip -n n2 route replace default via 10.1.1.99'],
  ['a chain flushed', 'iptables -t nat -F NSCTL-edit-DST'],
  ['a rule put in', 'iptables -I NSCTL-edit-GRD -t mangle -j ACCEPT'],
  ['a rule taken out', 'iptables -D NSCTL-edit-FWD 1'],
  ['a jump twice', 'iptables -t nat -I POSTROUTING -m comment --comment nsctl:edit -j NSCTL-edit-POST'],
  ['a jump gone', 'iptables -D FORWARD -m comment --comment nsctl:edit -j NSCTL-edit-FWD'],
  ['a jump pushed down', 'iptables -I FORWARD -p 47 -j DROP'],
  ['what is to come last is not', 'iptables -A FORWARD -p 47 -j DROP'],
  ['every filter rule gone', 'iptables -F; iptables -X'],
  ['every rule gone', 'for t in raw mangle nat filter; do iptables -t $t -F; iptables -t $t -X; done'],
  ['the IPv6 rules gone', 'ip6tables -t mangle -F'],
  ['forwarding off', 'echo 0 > /proc/sys/net/ipv4/conf/ens5/forwarding'],
  ['forwarding off for a veth', 'echo 0 > /proc/sys/net/ipv4/conf/v2/forwarding'],
  ['route_localnet off', 'echo 0 > /proc/sys/net/ipv4/conf/v2/route_localnet'],
  [
    'forwarding reset everywhere',
    'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv4/ip_forward',
  ],
  ['a setting changed', 'ip netns exec n2 sysctl -q -w net.ipv4.ip_default_ttl=12'],
  ['the group changed', 'ip link set v2 group 0'],
  ['a namespace deleted', 'ip netns del n2'],
  ['resolv.conf changed', 'echo nameserver 192.0.2.99 >> /etc/netns/n2/resolv.conf'],
  ['resolv.conf gone', 'rm -r /etc/netns'],
]

/** A foreign rule that a test put in. */
const PLANTED = /rules: -p gre -j DROP$/

describeDrift('drift', SETTLED, DRIFT, PLANTED)
