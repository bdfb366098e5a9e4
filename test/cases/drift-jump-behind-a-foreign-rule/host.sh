. ../up-to-date/host.sh
iptables -I FORWARD 1 -i wg0 -j ACCEPT
iptables -A FORWARD -o wg0 -j ACCEPT
