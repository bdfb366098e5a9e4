. ../up-to-date/host.sh
ip -n netns1 link set lo down
