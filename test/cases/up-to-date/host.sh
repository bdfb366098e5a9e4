nsctl apply ../up-to-date/topology.yaml
