#!/usr/bin/env bash
# Runs the browser tests (e2e/) in this machine's Chromium: all of them on SQLite,
# and then all on PostgreSQL where TEST_POSTGRES_DSN names a server.
#
#   scripts/e2e.sh [WHAT PLAYWRIGHT TAKES]     such as tests/stores.spec.js or -g clone
#
# A test that fails leaves a picture and a trace in e2e/test-results; the message
# says how to look at the latter.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/npm.sh e2e
CHROMIUM=$(scripts/chromium.sh)
export CHROMIUM

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
go build -o "$folder/vitrine" ./cmd/vitrine
export E2E_BINARY=$folder/vitrine

# on ENGINE: one run, with what fails in a folder of its own.
on() {
	echo "e2e: $("$CHROMIUM" --version 2>/dev/null), on $1" >&2
	(cd e2e && E2E_ENGINE=$1 node node_modules/@playwright/test/cli.js test --output="test-results/$1" "${@:2}")
}

on sqlite "$@"
if [ -n "${TEST_POSTGRES_DSN:-}" ]; then on postgres "$@"; fi
