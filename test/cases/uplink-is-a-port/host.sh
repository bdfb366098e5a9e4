ip link add br0 type bridge
ip link set ens5 master br0
