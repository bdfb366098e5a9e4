. ../up-to-date/host.sh
ip netns del netns1
