#!/bin/sh
# The plan of every host of which there is a snapshot, as markdown: what merging would do. Needs no privileges.
# A snapshot is what `nsctl snapshot` prints on the host; see README.md for how it gets here.
set -eu
cd "$(dirname "$0")"
failed=0
for file in hosts/*.yaml; do
  host=$(basename "$file" .yaml)
  echo "## $host"
  echo
  if [ ! -e "snapshots/$host.json" ]; then
    echo "No snapshot of it here, so no plan."
  else
    nsctl plan "$file" --live "snapshots/$host.json" --format markdown || failed=1
  fi
  echo
done
exit $failed
