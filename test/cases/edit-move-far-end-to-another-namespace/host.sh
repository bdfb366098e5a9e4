nsctl apply before.yaml
