#!/usr/bin/env bash
# Runs a command while a demo of its own serves, which is gone afterwards: DEMO is its
# address, DEMO_FOLDER holds its database and the program, vitrine.
#
#   scripts/demo.sh COMMAND [ARGUMENTS]
set -euo pipefail

port=${PORT:-18743}
DEMO=http://127.0.0.1:$port
DEMO_FOLDER=$(mktemp -d)
export DEMO DEMO_FOLDER
demo=
finish() {
	if [ -n "$demo" ]; then kill "$demo" 2>/dev/null && wait "$demo" 2>/dev/null || true; fi
	rm -rf "$DEMO_FOLDER"
}
trap finish EXIT

go build -C "$(dirname "${BASH_SOURCE[0]}")/.." -o "$DEMO_FOLDER/vitrine" ./cmd/vitrine
(cd "$DEMO_FOLDER" && VITRINE_LISTEN_ADDR=127.0.0.1:$port exec ./vitrine demo >demo.log 2>&1) &
demo=$!
for _ in $(seq 300); do
	curl -fs "$DEMO/readyz" >/dev/null && break
	kill -0 "$demo" 2>/dev/null || { cat "$DEMO_FOLDER/demo.log" >&2; echo "the demo does not start" >&2; exit 1; }
	sleep 0.1
done
"$@"
