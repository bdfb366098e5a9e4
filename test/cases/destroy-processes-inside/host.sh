. ../up-to-date/host.sh
ip netns exec netns1 sleep 3000 &
ip netns exec netns1 sleep 3001 &
while [ "$(ip netns pids netns1 | wc -l)" -lt 2 ]; do sleep 0.1; done
