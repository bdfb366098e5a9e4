ip netns add netns1
ip link add veth0 type veth peer name veth1 netns netns1
ip addr add 192.168.0.1/24 dev veth0
ip link set veth0 up
ip -n netns1 addr add 192.168.0.2/24 dev veth1
ip -n netns1 link set veth1 up
ip -n netns1 link set lo up
ip -n netns1 route add default via 192.168.0.1
