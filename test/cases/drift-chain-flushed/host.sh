. ../up-to-date/host.sh
iptables -t nat -F NSCTL-flask-DST
