#!/usr/bin/env bash
# A PostgreSQL of this checkout's own, for tests and for measurements. It listens
# on loopback only, behind a password, and touches no other cluster.
#
#   scripts/postgres.sh start [test|bench]         start it and print its address
#   scripts/postgres.sh dsn   [test|bench]         print its address if it runs
#   scripts/postgres.sh stop  [test|bench]         stop it and keep its data
#   scripts/postgres.sh clean                      stop both and delete their data
#   scripts/postgres.sh with  test|bench COMMAND…  start it and run a command on it
#   scripts/postgres.sh install                    install PostgreSQL, where it is missing
#
# "test" is fast and forgets everything in a crash, and lies in memory where there is
# plenty of it: the tests make and drop a thousand databases of 300 files each, which
# costs a disk's file system more than all that is done in them. "bench" keeps what it
# commits, as a shop's database must. PostgreSQL refuses to run as root: as root the
# cluster belongs to the user postgres and lies where that user may go.
set -euo pipefail

oldest=15
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
self=$root/scripts/$(basename "${BASH_SOURCE[0]}")

# The user's own PGHOST, PGPORT and so on are about another server.
for name in "${!PG@}"; do unset "$name"; done

say() { echo "postgres: $*" >&2; }
die() { say "$*"; exit 1; }

# --- the programs -----------------------------------------------------------

# candidates lists where PostgreSQL's programs may be: those in PATH first, then
# the newest.
candidates() {
	local found
	if found=$(command -v initdb); then dirname "$found"; fi
	for found in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
		/opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin \
		/Applications/Postgres.app/Contents/Versions/*/bin; do
		if [ -x "$found/initdb" ]; then echo "$(major "$found") $found"; fi
	done | sort -rn | cut -d' ' -f2-
}

complete() { [ -x "$1/initdb" ] && [ -x "$1/postgres" ] && [ -x "$1/pg_ctl" ] && [ -x "$1/pg_isready" ]; }

major() { "$1/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/'; }

# find_programs sets bin and version to the first PostgreSQL that is new enough.
find_programs() {
	local dir
	while read -r dir; do
		if ! complete "$dir"; then continue; fi
		version=$(major "$dir")
		if [ "$version" -ge "$oldest" ]; then bin=$dir && return; fi
	done < <(candidates)
	return 1
}

# need_programs is find_programs, after an installation if need be.
need_programs() {
	find_programs && return
	case $(uname -s) in
	Darwin) "$self" install ;;
	*) if [ "$(id -u)" = 0 ]; then "$self" install; else install_with_sudo; fi ;;
	esac
	find_programs || die "PostgreSQL $oldest or newer is needed, and this system's packages have none. Install one, or set TEST_POSTGRES_DSN to a server of yours."
}

install_with_sudo() {
	command -v sudo >/dev/null ||
		die "PostgreSQL is missing, and there is no sudo to install it. As root: apt-get install postgresql. Or set TEST_POSTGRES_DSN to a server of yours."
	say "PostgreSQL is missing; sudo installs it."
	sudo "$self" install
}

install_programs() {
	if find_programs; then
		say "PostgreSQL $version is here already: $bin"
	elif command -v apt-get >/dev/null; then
		install_debian
	elif command -v brew >/dev/null; then
		say "installing PostgreSQL with Homebrew (brew install postgresql@17)"
		brew install --quiet postgresql@17 >&2
	else
		die "install PostgreSQL $oldest or newer with this system's packages, or set TEST_POSTGRES_DSN to a server of yours."
	fi
}

# install_debian keeps the package from making and starting the system cluster
# that it makes otherwise.
install_debian() {
	say "installing PostgreSQL with apt-get (package postgresql; no system cluster is made)"
	local settings=/etc/postgresql-common/createcluster.d/vitrine.conf
	mkdir -p "$(dirname "$settings")"
	echo "create_main_cluster = false" >"$settings"
	trap 'rm -f "'"$settings"'"' EXIT
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq >&2
	apt-get install -y -qq --no-install-recommends postgresql >&2 </dev/null
}

# --- the cluster ------------------------------------------------------------

# place sets mode, owner (of the server's process) and home (the cluster's files).
place() {
	mode=${1:-test}
	case $mode in test | bench) ;; *) die "there is no mode \"$mode\": test or bench" ;; esac
	if [ "$(id -u)" != 0 ]; then
		owner=$(id -un)
		home=$root/.cache/postgres/$mode
	else
		owner=postgres
		id -u "$owner" >/dev/null 2>&1 || owner=nobody
		home=/var/cache/vitrine-postgres/$(checksum)/$mode
	fi
	if [ "$mode" = test ] && in_memory; then home=$memory; fi
}

# in_memory tells whether the test cluster lies in memory, and sets where: it does when
# it is there already, or when none runs from the disk and there is room for it.
in_memory() {
	memory=/dev/shm/vitrine-postgres-$owner-$(checksum)
	if [ -e "$memory" ]; then
		[ "$(stat -c %U "$memory" 2>/dev/null)" = "$owner" ]
	else
		[ ! -f "$home/data/postmaster.pid" ] && [ "$(room /dev/shm)" -ge "$plenty" ] && [ "$(available)" -ge "$plenty" ]
	fi
}

# plenty is in KiB: 8 GiB, of which the tests use one or two.
plenty=$((8 << 20))

# room prints how much is free in a folder that lies in memory, 0 for any other.
room() { df --output=avail -t tmpfs -k "$1" 2>/dev/null | tail -n 1 | grep -x '[ 0-9]*' || echo 0; }

available() { sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo 2>/dev/null | grep . || echo 0; }

checksum() { printf %s "$root" | cksum | cut -d' ' -f1; }

# as_owner runs a program as the user whom the cluster belongs to.
as_owner() {
	if [ "$(id -un)" = "$owner" ]; then
		(cd / && "$@")
	elif command -v runuser >/dev/null; then
		(cd / && runuser -u "$owner" -- "$@")
	else
		(cd / && sudo -n -u "$owner" "$@")
	fi
}

dsn() { echo "postgres://postgres:$(cat "$home/password")@127.0.0.1:$(port)/postgres?sslmode=disable"; }

# port is the fourth line of the file that a running server keeps.
port() { sed -n 4p "$home/data/postmaster.pid"; }

# running tells whether the server is up and answers.
running() {
	[ -f "$home/data/postmaster.pid" ] && [ -f "$home/password" ] && our_process &&
		"$bin/pg_isready" -q -t 30 -h 127.0.0.1 -p "$(port)"
}

# our_process tells whether the process that the pid file names is this cluster's
# server: after a crash the number may be somebody else's, or a dead one's.
our_process() {
	local pid
	pid=$(head -n 1 "$home/data/postmaster.pid" 2>/dev/null) || return 1
	case $(command_of "$pid") in *"$home/data"*) ;; *) return 1 ;; esac
}

# command_of prints a process's command line, where /proc is and where it is not.
command_of() {
	if [ -d /proc/self ]; then
		tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" || true
	else
		ps -ww -p "$1" -o command=
	fi
}

start() {
	running && return
	if [ -d "$home/data" ] && ! launch; then
		say "the $mode cluster is of another version or does not start; making a new one (its log: $home/log.old)"
		mv -f "$home/log" "$home/log.old" 2>/dev/null || true
		rm -rf "$home/data"
	fi
	running && return
	create
	launch || { tail -n 20 "$home/log" >&2 || true; die "the cluster does not start; its log is $home/log"; }
}

# create makes the cluster beside its place and moves it there when it is whole.
create() {
	local locale=(--locale=C.UTF-8)
	has_c_utf8 || locale=(--locale=C --lc-ctype=en_US.UTF-8)
	say "making the $mode cluster in $home (PostgreSQL $version, run by $owner)"
	rm -rf "$home/new"
	(umask 077 && random_password >"$home/password")
	chown "$owner" "$home/password"
	as_owner "$bin/initdb" -D "$home/new" -U postgres --auth=scram-sha-256 --pwfile="$home/password" \
		--encoding=UTF8 "${locale[@]}" --no-sync --no-instructions >"$home/initdb.log" 2>&1 ||
		{ cat "$home/initdb.log" >&2; die "initdb failed"; }
	settings | as_owner tee -a "$home/new/postgresql.conf" >/dev/null
	mv "$home/new" "$home/data"
}

random_password() { LC_ALL=C tr -dc 'a-z0-9' < <(head -c 1024 /dev/urandom) | cut -c1-32; }

has_c_utf8() { locale -a 2>/dev/null | grep -qiE '^C\.utf-?8$'; }

settings() {
	echo "listen_addresses = '127.0.0.1'"
	echo "unix_socket_directories = ''"
	echo "cluster_name = 'vitrine $mode'"
	echo "timezone = 'UTC'"
	case $mode in
	test)
		echo "max_connections = 300"
		echo "fsync = off"
		echo "synchronous_commit = off"
		echo "full_page_writes = off"
		echo "wal_level = minimal"
		echo "max_wal_senders = 0"
		echo "max_wal_size = 512MB"
		;;
	bench)
		echo "max_connections = 100"
		echo "shared_buffers = 512MB"
		echo "max_wal_size = 4GB"
		;;
	esac
}

# launch starts the server on a free port; another program may take the port
# between the look and the start, so it tries a few.
launch() {
	local try port
	if our_process; then as_owner "$bin/pg_ctl" -D "$home/data" -m immediate -w stop >/dev/null || true; fi
	rm -f "$home/data/postmaster.pid"
	[ "$(cat "$home/data/PG_VERSION" 2>/dev/null)" = "$version" ] || return 1
	for try in 1 2 3 4 5; do
		port=$(free_port "$try") || return 1
		if as_owner "$bin/pg_ctl" -D "$home/data" -l "$home/log" -o "-p $port" -w -t 60 start >/dev/null 2>&1; then
			say "$mode cluster is up on 127.0.0.1:$port (PostgreSQL $version; scripts/postgres.sh stop $mode ends it)"
			return
		fi
	done
	return 1
}

# free_port prints a port on which nothing listens, the same for a checkout as
# long as it is free.
free_port() {
	local first=$((20000 + $(printf '%s %s' "$home" "$1" | cksum | cut -d' ' -f1) % 10000)) port
	for port in $(seq "$first" $((first + 50))); do
		if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "$port" && return; fi
	done
	return 1
}

stop() {
	[ -f "$home/data/postmaster.pid" ] || return 0
	our_process || return 0
	as_owner "$bin/pg_ctl" -D "$home/data" -m fast -w stop >/dev/null
	say "$mode cluster stopped"
}

# prepare makes the cluster's directory. As root it must not be anybody else's.
prepare() {
	mkdir -p "$(dirname "$home")"
	[ -d "$home" ] || mkdir -m 700 "$home"
	chown "$owner" "$home"
}

# locked runs a function while no other process of this checkout does.
locked() {
	local lock=$home/lock waited=0
	until mkdir "$lock" 2>/dev/null; do
		if ! kill -0 "$(cat "$lock/pid" 2>/dev/null || echo 0)" 2>/dev/null || [ "$waited" -ge 120 ]; then
			rm -rf "$lock"
		fi
		sleep 1
		waited=$((waited + 1))
	done
	trap 'rm -rf "'"$lock"'"' EXIT
	echo $$ >"$lock/pid"
	"$@"
	rm -rf "$lock"
	trap - EXIT
}

# --- the commands -----------------------------------------------------------

up() {
	need_programs
	place "$@"
	prepare
	locked start
}

case ${1:-help} in
install) install_programs ;;
start) up "${2:-test}" && dsn ;;
dsn)
	place "${2:-test}"
	if ! find_programs || ! running; then die "not running; scripts/postgres.sh start $mode starts it"; fi
	dsn
	;;
stop)
	place "${2:-test}"
	if find_programs; then stop; fi
	;;
clean)
	for each in bench test; do
		place "$each"
		if find_programs; then stop; fi
	done
	rm -rf "$root/.cache/postgres" "/var/cache/vitrine-postgres/$(checksum)" "$memory"
	;;
with)
	case $2 in test) given=${TEST_POSTGRES_DSN:-} ;; *) given=${BENCH_POSTGRES_DSN:-} ;; esac
	if [ -n "$given" ]; then
		say "using the server that the environment names"
	else
		up "$2"
		given=$(dsn)
	fi
	export TEST_POSTGRES_DSN=$given
	if [ "$2" = bench ]; then export BENCH_POSTGRES_DSN=$given; fi
	shift 2
	exec "$@"
	;;
*) sed -n '2,/^set /s/^# \{0,1\}//p' "$self" ;;
esac
