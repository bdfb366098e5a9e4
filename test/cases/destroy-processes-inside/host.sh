. ../up-to-date/host.sh
ip netns exec netns1 sleep 3000 >/dev/null 2>&1 &
ip netns exec netns1 sleep 3001 >/dev/null 2>&1 &
while [ "$(ip netns pids netns1 | wc -l)" -lt 2 ]; do sleep 0.1; done
