nsctl apply ../names-web-and-web-2/topology.yaml
nsctl apply ../names-web-and-web-2/web-2.yaml
