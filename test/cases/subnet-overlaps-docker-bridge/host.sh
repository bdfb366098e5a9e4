ip link add docker0 type bridge
ip addr add 192.168.0.1/24 dev docker0
ip link set docker0 up
