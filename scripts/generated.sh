#!/usr/bin/env bash
# Generates everything anew and fails when that changes, adds or removes a file:
# then what is in the repository is not what its sources say.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# sums lists every file and its checksum, but for what no source stands behind.
sums() {
	find . \( -name .git -o -name .cache -o -name node_modules \) -prune -o \
		-type f ! -name '*.db*' -exec cksum {} + | sort -k 3
}

before=$(mktemp) after=$(mktemp)
trap 'rm -f "$before" "$after"' EXIT
sums >"$before"
make generate
sums >"$after"
if ! diff "$before" "$after" >&2; then
	echo "generated files are not up to date; they are now: look at them and commit them" >&2
	exit 1
fi
