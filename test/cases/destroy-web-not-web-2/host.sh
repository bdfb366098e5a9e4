. ../names-web-and-web-2/host.sh
