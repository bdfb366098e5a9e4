nsctl apply topology.yaml
iptables -P FORWARD ACCEPT
