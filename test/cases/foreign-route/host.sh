ip route add 10.20.0.0/16 via 203.0.113.1
