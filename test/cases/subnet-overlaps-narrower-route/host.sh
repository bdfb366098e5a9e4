ip route add 192.168.1.64/26 via 203.0.113.1
