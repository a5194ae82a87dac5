#!/usr/bin/env bash
# Lints the API's description with Redocly's recommended rules. Node is needed for
# nothing else: it is installed here when it is missing.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

say() { echo "redocly: $*" >&2; }
die() { say "$*"; exit 1; }

here() { command -v node >/dev/null && command -v npm >/dev/null; }

install_node() {
	if command -v apt-get >/dev/null; then
		local sudo=()
		if [ "$(id -u)" != 0 ]; then
			command -v sudo >/dev/null || die "Node is missing, and there is no sudo to install it. As root: apt-get install nodejs npm"
			sudo=(sudo)
		fi
		say "Node is missing; installing it with apt-get (packages nodejs, npm)"
		"${sudo[@]}" apt-get update -qq >&2
		"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm >&2 </dev/null
	elif command -v brew >/dev/null; then
		say "Node is missing; installing it with Homebrew (brew install node)"
		brew install --quiet node >&2
	else
		die "install Node 18 or newer with this system's packages"
	fi
	here || die "Node is still missing after its installation"
}

here || install_node
cd "$root/tools/openapi"
if ! cmp -s package-lock.json node_modules/.installed; then
	say "installing the linter that tools/openapi/package-lock.json pins"
	npm ci --silent --no-audit --no-fund >&2
	cp package-lock.json node_modules/.installed
fi
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
exec node node_modules/@redocly/cli/bin/cli.js lint --config redocly.yaml "$root/internal/api/openapi.yaml"
