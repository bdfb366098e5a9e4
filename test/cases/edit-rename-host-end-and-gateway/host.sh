. ../up-to-date/host.sh
