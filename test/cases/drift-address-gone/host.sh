. ../up-to-date/host.sh
ip -n netns1 addr del 192.168.0.2/24 dev veth1
