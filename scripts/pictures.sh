#!/usr/bin/env bash
# Takes the pictures of the README from a demo of its own: docs/pictures/*.webp. Only
# whoever changes one of these pages needs it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/npm.sh e2e
CHROMIUM=$(scripts/chromium.sh)
export CHROMIUM
scripts/demo.sh sh -c 'node e2e/pictures.js "$DEMO" docs/pictures'
