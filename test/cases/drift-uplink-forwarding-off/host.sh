. ../up-to-date/host.sh
sysctl -qw net.ipv4.conf.ens5.forwarding=0
