#!/usr/bin/env bash
# Builds what is released: static binaries of each system with their archives, and the
# packages for Debian. The same sources give the same bytes.
#
#   scripts/dist.sh [FOLDER [SYSTEM/ARCHITECTURE…]]     dist, and all of them
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=${1:-dist}
systems=("${@:2}")
if [ ${#systems[@]} = 0 ]; then systems=(linux/amd64 linux/arm64 darwin/amd64 darwin/arm64); fi
version=${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo 0.0.0)}
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
# A Debian version begins with a digit.
debian=${version#v}
case $debian in [0-9]*.*) ;; *) debian=0.0.0+$debian ;; esac

rm -rf "$out" && mkdir -p "$out/built"
out=$(cd "$out" && pwd)

export CGO_ENABLED=0
build() { # OS ARCH FILE
	GOOS=$1 GOARCH=$2 go build -trimpath -buildvcs=false -ldflags="-s -w -buildid= -X vitrine/internal/app.release=$version" -o "$3" ./cmd/vitrine
}

# The manual and the completions are the same for all: this machine's binary writes them.
build "$(go env GOHOSTOS)" "$(go env GOHOSTARCH)" "$out/built/host"
"$out/built/host" man | gzip -9n >"$out/built/vitrine.1.gz"
"$out/built/host" completion bash >"$out/built/vitrine.bash"
"$out/built/host" completion zsh >"$out/built/_vitrine"
"$out/built/host" completion fish >"$out/built/vitrine.fish"

archive() { # FOLDER
	tar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner --mode='u+rwX,go+rX,go-w' --format=gnu \
		-C "$out/built" -cf - "$1" | gzip -9n >"$out/$1.tar.gz"
}

for system in "${systems[@]}"; do
	os=${system%/*} arch=${system#*/}
	name=vitrine-$version-$os-$arch
	mkdir -p "$out/built/$name"
	if [ "$os/$arch" = "$(go env GOHOSTOS)/$(go env GOHOSTARCH)" ]; then
		cp "$out/built/host" "$out/built/$name/vitrine"
	else
		build "$os" "$arch" "$out/built/$name/vitrine"
	fi
	cp "$out"/built/{vitrine.1.gz,vitrine.bash,_vitrine,vitrine.fish} LICENSE "$out/built/$name/"
	archive "$name"
	if [ "$os" = linux ]; then
		BUILT=$out/built/$name ARCH=$arch VERSION=$debian SOURCE_DATE_EPOCH=$epoch \
			go tool -modfile=tools/package.mod nfpm package -f deploy/debian/nfpm.yaml -p deb -t "$out/" >&2
	fi
done
rm -rf "$out/built"
(cd "$out" && sha256sum ./*.tar.gz ./*.deb 2>/dev/null | sed 's# \./# #' >SHA256SUMS) || true
cat "$out/SHA256SUMS"
