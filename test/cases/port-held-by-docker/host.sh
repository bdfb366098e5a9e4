iptables-restore --noflush < ../port-held-by-docker/docker.save
