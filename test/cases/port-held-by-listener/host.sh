python3 -m http.server -b 0.0.0.0 6000 >/dev/null 2>&1 &
while ! ss -ltn | grep -q :6000; do sleep 0.1; done
