#!/usr/bin/env bash
# Installs the npm packages of a folder as its package-lock.json pins them, unless
# they are there.
#
#   scripts/npm.sh FOLDER
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/need.sh node "nodejs npm"
scripts/need.sh npm npm node
if ! cmp -s "$1/package-lock.json" "$1/node_modules/.installed"; then
	echo "$1: installing what its package-lock.json pins, without a browser" >&2
	PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --prefix "$1" --silent --ignore-scripts --no-audit --no-fund >&2
	cp "$1/package-lock.json" "$1/node_modules/.installed"
fi
