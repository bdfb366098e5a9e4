mkdir -p /etc/netns/netns1
echo nameserver 9.9.9.9 > /etc/netns/netns1/resolv.conf
