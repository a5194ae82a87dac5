#!/usr/bin/env bash
# Runs every fuzz test of the module, one after the other, FUZZTIME each.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

time=${FUZZTIME:-30s}
count=0
while IFS=: read -r file _ line; do
	name=$(sed -E 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/' <<<"$line")
	dir=$(dirname "$file")
	echo "$name in $dir, for $time"
	# Shortening what was found would take most of the time otherwise.
	go test "./$dir" -run='^$' -fuzz="^$name\$" -fuzztime="$time" -fuzzminimizetime=10x </dev/null
	count=$((count + 1))
done < <(grep -rn --include='*_test.go' -E '^func Fuzz[A-Za-z0-9_]*\(' internal cmd | sort)
[ "$count" -gt 0 ] || { echo "no fuzz test was found" >&2; exit 1; }
echo "$count fuzz tests ran $time each and found nothing"
