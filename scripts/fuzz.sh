#!/usr/bin/env bash
# Runs every fuzz test of the module, FUZZTIME each, and as many at once as there
# are cores: a fuzz test is seldom held up by its own workers, but by its engine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export FUZZTIME=${FUZZTIME:-30s}
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
export logs

run() {
	local log=$logs/$2
	# Shortening what was found would take most of the time otherwise.
	if go test "./$1" -run='^$' -fuzz="^$2\$" -fuzztime="$FUZZTIME" -fuzzminimizetime=10x -parallel=1 </dev/null >"$log" 2>&1 || only_late "$log"; then
		echo "$2 in $1: $(grep -o 'execs: [0-9]*' "$log" | tail -n 1)"
	else
		echo "$2 in $1 failed:"
		cat "$log"
		return 1
	fi
}

# only_late tells whether all that is wrong is that the time was over, which the engine
# calls a failure now and then before Go 1.27 (go.dev/issue/75804). What a test finds is
# written down as a failing input.
only_late() { grep -qx ' *context deadline exceeded' "$1" && ! grep -q 'Failing input\|panic\|_test\.go:' "$1"; }
export -f run only_late

mapfile -t tests < <(grep -rn --include='*_test.go' -E '^func Fuzz[A-Za-z0-9_]*\(' internal cmd | sort |
	sed -E 's,^(.*)/[^/]*:[0-9]+:func (Fuzz[A-Za-z0-9_]*)\(.*,\1 \2,')
[ "${#tests[@]}" -gt 0 ] || { echo "no fuzz test was found" >&2; exit 1; }
printf '%s\n' "${tests[@]}" | xargs -P "$(getconf _NPROCESSORS_ONLN)" -L 1 bash -c 'run "$0" "$1"'
echo "${#tests[@]} fuzz tests ran $FUZZTIME each and found nothing"
