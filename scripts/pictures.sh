#!/usr/bin/env bash
# Takes the pictures of the README from a demo of its own: docs/pictures/*.webp. Only
# whoever changes one of these pages needs it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/npm.sh e2e
CHROMIUM=$(scripts/chromium.sh)
export CHROMIUM
address=127.0.0.1:${PORT:-18743}
folder=$(mktemp -d)
demo=
finish() {
	if [ -n "$demo" ]; then kill "$demo" 2>/dev/null || true; fi
	rm -rf "$folder"
}
trap finish EXIT

go build -o "$folder/vitrine" ./cmd/vitrine
(cd "$folder" && VITRINE_LISTEN_ADDR=$address exec ./vitrine demo >demo.log 2>&1) &
demo=$!
for _ in $(seq 100); do
	curl -fs "http://$address/readyz" >/dev/null && break
	kill -0 "$demo" 2>/dev/null || { cat "$folder/demo.log" >&2; echo "pictures: the demo does not start" >&2; exit 1; }
	sleep 0.1
done
node e2e/pictures.js "http://$address" docs/pictures
