#!/usr/bin/env bash
# Installs a program that is missing, and says so.
#
#   scripts/need.sh PROGRAM 'DEBIAN PACKAGES' [HOMEBREW FORMULA]
set -euo pipefail

program=$1 packages=$2 formula=${3:-$1}
if command -v "$program" >/dev/null; then exit; fi

say() { echo "$program is missing$*" >&2; }

if command -v apt-get >/dev/null; then
	sudo=
	if [ "$(id -u)" != 0 ]; then
		if ! command -v sudo >/dev/null; then
			say ", and there is no sudo to install it. As root: apt-get install $packages" && exit 1
		fi
		sudo="sudo --preserve-env=DEBIAN_FRONTEND"
	fi
	exec 9>"${TMPDIR:-/tmp}/vitrine-need-$(id -u)" # tests ask for programs side by side, and apt-get refuses to
	flock 9
	if ! command -v "$program" >/dev/null; then
		say "; installing it with apt-get: $packages"
		export DEBIAN_FRONTEND=noninteractive
		$sudo apt-get update -qq -o Acquire::Retries=3 >&2 9>&-
		# shellcheck disable=SC2086 # they are words of their own
		$sudo apt-get install -y -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 --no-install-recommends $packages >&2 </dev/null 9>&-
	fi
elif command -v brew >/dev/null; then
	say "; installing it with Homebrew: $formula"
	brew install --quiet "$formula" >&2
fi
if ! command -v "$program" >/dev/null; then
	say ": install it with this system's packages" && exit 1
fi
