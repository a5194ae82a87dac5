#!/usr/bin/env bash
# Lints the API's description with Redocly's recommended rules. It needs Node.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

"$root/scripts/need.sh" node "nodejs npm"
"$root/scripts/need.sh" npm npm node
cd "$root/tools/openapi"
if ! cmp -s package-lock.json node_modules/.installed; then
	echo "installing the linter that tools/openapi/package-lock.json pins" >&2
	npm ci --silent --ignore-scripts --no-audit --no-fund >&2
	cp package-lock.json node_modules/.installed
fi
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
exec node node_modules/@redocly/cli/bin/cli.js lint --config redocly.yaml "$root/internal/api/openapi.yaml"
