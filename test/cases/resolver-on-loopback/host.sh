printf 'nameserver 127.0.0.53\nsearch example.net\n' > /etc/resolv.conf
mkdir -p /run/systemd/resolve
printf 'nameserver 192.0.2.53\nnameserver 192.0.2.54\nsearch example.net\n' > /run/systemd/resolve/resolv.conf
