# The tutorial's scenario as one types it: two namespaces, two pairs, two published ports.
set -e
ip netns add netns1; ip netns add netns2
ip link add veth0 type veth peer name veth1; ip link set veth1 netns netns1
ip link add veth2 type veth peer name veth3; ip link set veth3 netns netns2
ip addr add 192.168.0.1/24 dev veth0; ip netns exec netns1 ip addr add 192.168.0.2/24 dev veth1
ip addr add 192.168.1.1/24 dev veth2; ip netns exec netns2 ip addr add 192.168.1.2/24 dev veth3
ip link set veth0 up;  ip link set veth2 up
ip netns exec netns1 ip link set veth1 up; ip netns exec netns1 ip link set lo up
ip netns exec netns2 ip link set veth3 up; ip netns exec netns2 ip link set lo up
ip netns exec netns1 ip route add default via 192.168.0.1
ip netns exec netns2 ip route add default via 192.168.1.1
sysctl -qw net.ipv4.ip_forward=1
iptables -P FORWARD DROP
iptables -t nat -A POSTROUTING -s 192.168.0.0/24 -o ens5 -j MASQUERADE
iptables -t nat -A POSTROUTING -s 192.168.1.0/24 -o ens5 -j MASQUERADE
for v in veth0 veth2; do
iptables -A FORWARD -i $v -o ens5 -j ACCEPT
iptables -A FORWARD -i ens5 -o $v -j ACCEPT
done
iptables -t nat -A PREROUTING -i ens5 -p tcp --dport 6000 -j DNAT --to-destination 192.168.0.2:8080
iptables -t nat -A PREROUTING -i ens5 -p tcp --dport 6001 -j DNAT --to-destination 192.168.1.2:8080
