ip netns add netns1
ip link add veth9 type veth peer name eth0 netns netns1
ip netns exec netns1 sleep 3000 >/dev/null 2>&1 &
while [ "$(ip netns pids netns1 | wc -l)" -lt 1 ]; do sleep 0.1; done
