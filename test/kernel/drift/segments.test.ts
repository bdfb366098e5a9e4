import { describeDrift } from './drifting.ts'

const SETTLED = `
name: edit
uplinks: [ens5]
subnets:
  lan: { cidr: [10.1.0.0/24, "fd00:1::/64"], bridge: br-lan, mtu: 1400 }
  web: { cidr: [10.2.0.0/24, "fd00:2::/64"] }
namespaces:
  n1: {}
  n2: { routes: [{ to: 10.9.0.0/16, via: 10.1.0.2 }, { to: "fd09::/64", via: "fd00:1::2" }] }
veths:
  - { subnet: lan, ends: [host:p1, { namespace: n1, interface: eth0, address: [10.1.0.2, "fd00:1::2"], mac: '02:00:00:00:00:01' }] }
  - { subnet: lan, ends: [host:p2, { namespace: n2, interface: eth0, mac: '02:00:00:00:00:02', rate: 10mbit }] }
  - { subnet: web, ends: [host:v1, { namespace: n2, interface: eth1, mac: '02:00:00:00:00:03' }] }
forwards:
  - { listen: 6000, to: n1:8080 }
  - { listen: 6001, to: { namespace: n2, subnet: web, port: 80 } }
host:
  forward-policy: drop
  routes: [{ to: 10.99.0.0/16, via: 10.1.0.2 }]
`

/** What somebody may have done behind nsctl's back, to a shared segment and to IPv6. */
const DRIFT: [string, string][] = [
  ['the bridge deleted', 'ip link del br-lan'],
  ['the bridge down', 'ip link set br-lan down'],
  ['the bridge’s alias cleared', "ip link set br-lan alias ''"],
  ['the bridge’s group changed', 'ip link set br-lan group 0'],
  ['the bridge’s MTU changed', 'ip link set br-lan mtu 1300'],
  ['the bridge’s MAC changed', 'ip link set br-lan address 02:00:00:00:99:99'],
  ['the bridge’s address gone', 'ip address del 10.1.0.1/24 dev br-lan'],
  ['the bridge’s IPv6 address gone', 'ip address del fd00:1::1/64 dev br-lan'],
  ['the bridge’s link-local address gone', 'ip -6 address flush dev br-lan scope link'],
  ['a port taken out', 'ip link set p1 nomaster'],
  [
    'a port of another bridge',
    'ip link add other type bridge; ip link set p1 master other; ip link del other',
  ],
  ['hairpin off', 'ip link set p1 type bridge_slave hairpin off'],
  ['a port deleted', 'ip link del p2'],
  ['a port renamed', 'ip link set p1 down; ip link set p1 name stolen; ip link set stolen up'],
  ['a port’s alias cleared', "ip link set p1 alias ''"],
  ['a pair’s alias cleared', "ip link set v1 alias ''"],
  ['the alias cleared at the other end', "ip -n n2 link set eth1 alias ''"],
  ['the aliases cleared at both ends', "ip link set v1 alias ''; ip -n n2 link set eth1 alias ''"],
  ['the alias of a namespace cleared', "ip -n n2 link set lo alias ''"],
  ['the group of a namespace changed', 'ip -n n2 link set lo group 0'],
  ['the group changed at the other end', 'ip -n n1 link set eth0 group 0'],
  [
    'two links under each other’s names',
    'ip link set p1 down; ip link set p2 down; ip link set p1 name tmp; ip link set p2 name p1; ip link set tmp name p2; ip link set p1 up; ip link set p2 up',
  ],
  [
    'three links gone round',
    'for l in p1 p2 v1; do ip link set $l down; ip link set $l name x$l; done; ip link set xp1 name p2; ip link set xp2 name v1; ip link set xv1 name p1',
  ],
  ['the MAC changed', 'ip -n n1 link set eth0 address 02:00:00:00:99:01'],
  ['the MTU changed', 'ip -n n1 link set eth0 mtu 1280'],
  ['an IPv6 address gone', 'ip -n n1 address del fd00:1::2/64 dev eth0'],
  ['an IPv6 address more', 'ip -n n1 address add fd00:1::99/64 dev eth0 nodad'],
  ['the IPv6 default route gone', 'ip -n n1 -6 route del default'],
  ['another IPv6 default route', 'ip -n n1 -6 route replace default via fd00:1::77 dev eth0'],
  ['a declared route gone', 'ip -n n2 route del 10.9.0.0/16'],
  ['a declared IPv6 route gone', 'ip -n n2 -6 route del fd09::/64'],
  ['a declared route elsewhere', 'ip -n n2 route replace 10.9.0.0/16 via 10.1.0.99 proto 110'],
  ['the host’s route gone', 'ip route del 10.99.0.0/16'],
  ['a reply rule gone', 'ip -n n2 rule del priority 1100'],
  [
    'every rule of a namespace gone',
    'ip -n n2 rule flush; ip -n n2 -6 rule flush; ip -n n2 rule add pref 32766 table main; ip -n n2 rule add pref 32767 table default; ip -n n2 -6 rule add pref 32766 table main',
  ],
  ['the rate limit gone', 'tc -n n2 qdisc del dev eth0 root'],
  ['another rate limit', 'tc -n n2 qdisc replace dev eth0 root tbf rate 1mbit burst 65550b latency 50ms'],
  ['another kind of queue', 'tc -n n2 qdisc replace dev eth0 root pfifo limit 10'],
  ['the policy changed', 'iptables -P FORWARD ACCEPT'],
  ['the IPv6 policy changed', 'ip6tables -P FORWARD ACCEPT'],
  ['an IPv6 chain flushed', 'ip6tables -t nat -F NSCTL-edit-DST'],
  ['an IPv6 jump twice', 'ip6tables -I FORWARD -m comment --comment nsctl:edit -j NSCTL-edit-FWD'],
  [
    'an IPv6 jump pushed down',
    'ip6tables -t mangle -I FORWARD -p 47 -j DROP; ip6tables -t mangle -N x; ip6tables -t mangle -X x',
  ],
  [
    'every rule of both families gone',
    'for i in iptables ip6tables; do for t in raw mangle nat filter; do $i -t $t -F; $i -t $t -X; done; done',
  ],
  ['a chain in another table of the same name', 'iptables -t raw -N NSCTL-edit-OLD'],
  [
    'a rule in the other variant',
    'iptables-legacy -N NSCTL-edit-FWD; iptables-legacy -A NSCTL-edit-FWD -j DROP; iptables-legacy -I FORWARD -m comment --comment nsctl:edit -j NSCTL-edit-FWD',
  ],
  [
    'IPv6 forwarding off',
    'for f in ens5 br-lan; do echo 0 > /proc/sys/net/ipv6/conf/$f/force_forwarding 2>/dev/null || echo 0 > /proc/sys/net/ipv6/conf/all/forwarding; done',
  ],
  ['forwarding off for the bridge', 'echo 0 > /proc/sys/net/ipv4/conf/br-lan/forwarding'],
  ['a namespace unmounted', 'umount /run/netns/n1'],
  ['a namespace unmounted, its entry gone', 'umount /run/netns/n1; rm /run/netns/n1'],
  ['all namespaces deleted', 'ip netns del n1; ip netns del n2'],
]

/** What may differ all the same: a foreign rule that a test put in, and the order in which things were mounted. */
const PLANTED = /-p gre -j DROP|mounts: at \d+ of those that stayed/

describeDrift('drift of a segment and of IPv6', SETTLED, DRIFT, PLANTED)
