#!/usr/bin/env bash
# Holds five pages of a store with 5,000 products against Lighthouse's mobile preset
# and against the weight that they may have. It fails when one misses its mark.
#
#   scripts/lighthouse.sh [WORDS OF THE PAGES' NAMES]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/npm.sh tools/lighthouse
CHROMIUM=$(scripts/chromium.sh)
export CHROMIUM
scripts/demo.sh node tools/lighthouse/audit.js "$@"
