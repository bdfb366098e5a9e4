. ../up-to-date/host.sh
rm -r /run/nsctl
