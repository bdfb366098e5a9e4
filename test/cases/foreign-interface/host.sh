ip link add veth0 type veth peer name veth0p
ip addr add 10.9.9.1/24 dev veth0
ip link add veth2 type bridge
