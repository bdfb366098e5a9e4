# What people have on their hosts that no tutorial tells of.
sysctl -qw net.ipv4.ip_forward=1
ip netns add lonely
ip netns add '-x$(id)'
ip netns add 007
ip netns add "$(printf 'esc\033[31m')"
# A bridge with a port.
ip netns add b1
ip link add br0 type bridge
ip addr add 10.20.0.1/24 dev br0
ip link set br0 up
ip link add bp1 type veth peer name eth0 netns b1
ip link set bp1 master br0 up
ip -n b1 addr add 10.20.0.2/24 dev eth0
ip -n b1 link set eth0 up
ip -n b1 route add default via 10.20.0.1
ip link add 'we"ird' type veth peer name eth1 netns b1
ip link set 'we"ird' up
# Both families, a gateway that is the last address, a second address, routes.
ip netns add both
ip link add both0 type veth peer name eth0 netns both
ip addr add fd00:6::1/64 dev both0 nodad
ip addr add 10.30.0.254/24 dev both0
ip link set both0 up
ip -n both link set eth0 up
ip -n both addr add fd00:6::2/64 dev eth0 nodad
ip -n both addr add 10.30.0.7/24 dev eth0
ip -n both addr add 10.30.0.8/24 dev eth0
ip -n both route add default via 10.30.0.254
ip -n both route add default via fd00:6::1
ip -n both route add 10.99.0.0/16 via 10.30.0.254
ip -n both route add blackhole 10.98.0.0/16 metric 7
ip -n both route add 10.97.0.0/16 via 10.30.0.254 table 77
ip -n both route add prohibit 10.96.0.0/16
# A second pair of the same namespace, one between namespaces, one that is down.
ip link add d0 type veth peer name eth1 netns both
ip addr add 10.31.0.1/24 dev d0
ip link set d0 up
ip -n both addr add 10.31.0.2/24 dev eth1
ip -n both link set eth1 up
ip -n lonely link add nn type veth peer name nn netns both
ip -n lonely addr add 10.32.0.1/30 dev nn
ip -n both addr add 10.32.0.2/30 dev nn
ip -n lonely link set nn up
ip -n both link set nn up
ip link add down0 type veth peer name down1 netns lonely
ip link add mine0 type veth peer name mine1 netns lonely
ip link set mine0 alias 'of somebody' up
# Rules: ranges, protocols, sources, an address, what a forward cannot say.
iptables -t nat -A POSTROUTING -o ens5 -j MASQUERADE
iptables -t nat -A PREROUTING -p udp --dport 5000:5010 -j DNAT --to-destination 10.30.0.7
iptables -t nat -A PREROUTING -p tcp -d 203.0.113.10 --dport 7000 -s 198.51.100.0/24 -j DNAT --to-destination 10.30.0.7:80
iptables -t nat -A PREROUTING -p tcp --dport 7100:7110 -j DNAT --to-destination 10.30.0.7:80
iptables -t nat -A PREROUTING -p tcp --dport 7200 -j DNAT --to-destination 10.20.0.2:80
iptables -t nat -A PREROUTING -p tcp --dport 7300 -m limit --limit 5/s -j DNAT --to-destination 10.30.0.7:80
iptables -t nat -A OUTPUT -p udp --dport 5000:5010 -j DNAT --to-destination 10.30.0.7
iptables -t nat -A PREROUTING -p tcp --dport 7400 -s 10.0.0.0/8 -j DNAT --to-destination 10.30.0.7:80
iptables -t nat -A PREROUTING -p tcp --dport 7400 -j DNAT --to-destination 10.30.0.7:81
iptables -t nat -A OUTPUT -p tcp --dport 7500 -j DNAT --to-destination 10.30.0.7:80
iptables -t nat -A PREROUTING -p tcp --dport 7600 -j DNAT --to-destination 10.30.0.7:80
ip6tables -t nat -A PREROUTING -p tcp --dport 7600 -j DNAT --to-destination '[fd00:6::2]:80'
iptables -A FORWARD -s 10.30.0.0/24 -d 10.0.0.0/8 -m comment --comment "a b" -j DROP
ip6tables -t nat -A PREROUTING -i ens5 -p tcp --dport 8443 -j DNAT --to-destination '[fd00:6::2]:443'
ip6tables -t nat -A PREROUTING -i ens5 -p tcp --dport 7000 -j REDIRECT --to-ports 80
