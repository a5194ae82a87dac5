#!/usr/bin/env bash
# Takes the picture of the README from a running demo: docs/pictures/start.png.
# Only whoever changes the start page needs it.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
address=127.0.0.1:${PORT:-18743}
width=1280 height=732

say() { echo "picture: $*" >&2; }
die() { say "$*"; exit 1; }

chromium=$("$root/scripts/chromium.sh")
folder=$(mktemp -d)
demo=
finish() {
	if [ -n "$demo" ]; then kill "$demo" 2>/dev/null || true; fi
	rm -rf "$folder"
}
trap finish EXIT

(cd "$root" && go build -o "$folder/vitrine" ./cmd/vitrine)
(cd "$folder" && VITRINE_LISTEN_ADDR=$address exec ./vitrine demo >demo.log 2>&1) &
demo=$!
for _ in $(seq 100); do
	curl -fs "http://$address/readyz" >/dev/null && break
	kill -0 "$demo" 2>/dev/null || { cat "$folder/demo.log" >&2; die "the demo does not start"; }
	sleep 0.1
done

sandbox=()
if [ "$(id -u)" = 0 ]; then sandbox=(--no-sandbox); fi
"$chromium" --headless=new ${sandbox[@]+"${sandbox[@]}"} --disable-gpu --hide-scrollbars --user-data-dir="$folder/profile" \
	--window-size=$width,$height --virtual-time-budget=5000 --screenshot="$folder/start.png" "http://$address/" 2>"$folder/chromium.log" ||
	{ cat "$folder/chromium.log" >&2; die "Chromium fails"; }
mkdir -p "$root/docs/pictures"
mv "$folder/start.png" "$root/docs/pictures/start.png"
say "docs/pictures/start.png, $(wc -c <"$root/docs/pictures/start.png" | tr -d ' ') bytes"
