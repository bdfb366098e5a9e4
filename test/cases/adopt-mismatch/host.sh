ip netns add netns1
ip link add veth0 type veth peer name eth7 netns netns1
ip link add veth1 netns netns1 type veth peer name other
ip link set veth0 alias 'uplink of the old box'
