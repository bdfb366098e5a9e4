. ../up-to-date/host.sh
ip link set dev veth0 down
