ip route del default; ip -6 route del default
