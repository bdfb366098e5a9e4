. ../up-to-date/host.sh
ip netns exec netns1 sleep 30 &
ip netns exec netns1 sleep 31 &
while [ "$(ip netns pids netns1 | wc -l)" -lt 2 ]; do sleep 0.1; done
