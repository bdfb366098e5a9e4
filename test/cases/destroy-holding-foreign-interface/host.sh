. ../up-to-date/host.sh
ip link add tap7 type veth peer name wan0 netns netns1
