. ../adopt-namespace-and-veth/host.sh
nsctl apply ../adopt-namespace-and-veth/topology.yaml
