. ../up-to-date/host.sh
sysctl -qw net.ipv4.ip_forward=1
