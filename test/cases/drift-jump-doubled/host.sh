. ../up-to-date/host.sh
iptables -I FORWARD 1 -m comment --comment nsctl:flask -j NSCTL-flask-FWD
