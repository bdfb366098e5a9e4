. ../up-to-date/host.sh
iptables-legacy-restore --noflush <<END
*filter
:NSCTL-flask-FWD - [0:0]
-A NSCTL-flask-FWD -j DROP
-A FORWARD -m comment --comment "nsctl:flask" -j NSCTL-flask-FWD
COMMIT
END
