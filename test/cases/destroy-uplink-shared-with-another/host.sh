. ../up-to-date/host.sh
nsctl apply ../destroy-uplink-shared-with-another/second.yaml
