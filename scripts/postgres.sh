#!/usr/bin/env bash
# Starts a PostgreSQL of the tests' own, installing it when it is not there, and
# prints its address. It never touches a cluster of the system.
set -euo pipefail
say() { echo "postgres.sh: $*" >&2; }
find_bin() {
	local dir
	for dir in /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin; do
		[ -x "$dir/initdb" ] && bin=$dir
	done
	[ -n "${bin:-}" ] || { command -v initdb >/dev/null && bin=$(dirname "$(command -v initdb)"); }
}
bin=
find_bin || true
if [ -z "$bin" ]; then
	say "installing PostgreSQL"
	if command -v apt-get >/dev/null; then
		sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
		$sudo env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
		$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql postgresql-contrib >&2
	else
		brew install postgresql@16 >&2
	fi
	find_bin
fi
port=${VITRINE_TEST_PG_PORT:-54987}
dir=/tmp/vitrine-test-postgres-$(id -u)
as() { "$@"; }
if [ "$(id -u)" = 0 ]; then
	id vitrine-test >/dev/null 2>&1 || useradd --system --no-create-home vitrine-test
	as() { su vitrine-test -s /bin/bash -c "$(printf '%q ' "$@")"; }
fi
address="postgres://vitrine@127.0.0.1:$port/postgres?sslmode=disable"
if ! "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"; then
	mkdir -p "$dir"
	[ "$(id -u)" != 0 ] || chown vitrine-test "$dir"
	if [ ! -s "$dir/data/PG_VERSION" ]; then
		say "making a cluster in $dir"
		as "$bin/initdb" -D "$dir/data" -U vitrine -A trust -E UTF8 --locale=C >&2
	fi
	say "starting it on port $port"
	as "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -o "-p $port -k $dir -c listen_addresses=127.0.0.1 -c max_connections=300 -c fsync=off -c synchronous_commit=off -c full_page_writes=off" start >&2
fi
echo "$address"
