#!/usr/bin/env bash
# Looks for what is unsafe (gosec) in all that is shipped and in what the tests share.
# A line that is right as it is says so, and why: //nolint:gosec // reason.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

found=$(mktemp)
trap 'rm -f "$found"' EXIT
code=0
go tool -modfile=tools/gosec.mod gosec -quiet -fmt=golint -out="$found" -exclude-generated -exclude-dir=bench ./... || code=$?
# 1: it found something. Else it did not run.
[ "$code" -le 1 ] || { echo "gosec did not run: $code" >&2; exit "$code"; }

left=0
while IFS=: read -r file line what; do
	if ! sed -n "${line%%-*}p" "$file" | grep -q 'nolint:[a-z,]*gosec'; then
		echo "${file#"$PWD/"}:$line: ${what#*: }"
		left=$((left + 1))
	fi
done < <(grep -E '^[^:]+:[0-9-]+:' "$found")
[ "$left" = 0 ]
