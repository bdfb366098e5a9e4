ip addr add 192.168.0.9/22 dev ens5
