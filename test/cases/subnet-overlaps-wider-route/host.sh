ip route add 192.168.0.0/16 via 203.0.113.1
