nsctl apply topology.yaml
