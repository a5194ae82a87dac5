#!/usr/bin/env bash
# Prints where a Chromium is, and installs one where none is. The one without windows
# comes first: it takes half of the time.
set -euo pipefail

find_one() {
	local name
	for name in "${CHROMIUM:-}" chromium-headless-shell chromium chromium-browser google-chrome \
		"/Applications/Chromium.app/Contents/MacOS/Chromium" "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
		if [ -n "$name" ] && command -v "$name"; then return; fi
	done
	return 1
}

find_one && exit
# Not with need.sh alone: on macOS the program is not in PATH, and old systems have no
# package of the one without windows.
need=$(dirname "${BASH_SOURCE[0]}")/need.sh
"$need" chromium-headless-shell chromium-headless-shell chromium >&2 || "$need" chromium chromium >&2 || true
find_one || { echo "there is no Chromium: install one, or name it in CHROMIUM" >&2; exit 1; }
