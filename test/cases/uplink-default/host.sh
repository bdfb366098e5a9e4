ip link add wan1 type bridge
ip addr add 198.18.0.2/24 dev wan1
ip link set wan1 up
ip route add default via 198.18.0.1 metric 200
