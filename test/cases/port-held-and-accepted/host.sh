. ../port-held-by-listener/host.sh
