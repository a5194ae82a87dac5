#!/usr/bin/env bash
# Copies the files of npm packages that the binary serves into internal/web.
#
#   scripts/vendor.sh         install the pinned packages and copy
#   scripts/vendor.sh check   fail if what is committed is anything else
#
# It needs Node.js, and only whoever changes a version needs it. Another icon is one
# more file in internal/web/icons, which may be empty before it is copied.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
web=$root/internal/web
packages=$root/tools/reference/node_modules

"$root/scripts/need.sh" npm "nodejs npm" node

# No scripts: a package's installation has no business here.
npm ci --prefix "$root/tools/reference" --ignore-scripts --no-audit --no-fund --silent

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
mkdir "$made/assets" "$made/icons"

# as NAME FILE: an asset, and beside it what its licence asks for.
as() { cp "$packages/$2" "$made/assets/$1"; }

as swagger-ui-bundle.js swagger-ui-dist/swagger-ui-bundle.js
as swagger-ui.css swagger-ui-dist/swagger-ui.css
as swagger-ui.LICENSE swagger-ui-dist/LICENSE
as swagger-ui.NOTICE swagger-ui-dist/NOTICE
as htmx.js htmx.org/dist/htmx.min.js
as htmx-sse.js htmx.org/dist/ext/hx-sse.min.js
as htmx.LICENSE htmx.org/LICENSE
node "$root/tools/reference/slim.js" "$packages/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2" "$made/assets/inter.woff2"
as inter.LICENSE @fontsource-variable/inter/LICENSE
as instrument-serif.woff2 @fontsource/instrument-serif/files/instrument-serif-latin-400-normal.woff2
as instrument-serif.LICENSE @fontsource/instrument-serif/LICENSE
as nunito.woff2 @fontsource/nunito/files/nunito-latin-800-normal.woff2
as nunito.LICENSE @fontsource/nunito/LICENSE
as space-grotesk.woff2 @fontsource/space-grotesk/files/space-grotesk-latin-600-normal.woff2
as space-grotesk.LICENSE @fontsource/space-grotesk/LICENSE
cp "$packages/lucide-static/LICENSE" "$made/icons/LICENSE"
# An icon is what is inside of its svg, on one line.
for icon in "$web"/icons/*.svg; do
	name=$(basename "$icon")
	drawing=$(sed -n 's/^  \(<.*[^ ]\) *\/>$/\1\/>/p' "$packages/lucide-static/icons/$name" | tr -d '\n')
	[ -n "$drawing" ] || { echo "vendor: there is no icon $name" >&2; exit 1; }
	echo "$drawing" >"$made/icons/$name"
done

case ${1:-copy} in
copy)
	for file in swagger-ui-bundle.js swagger-ui.css; do gzip -9 -n "$made/assets/$file"; done
	cp "$made"/assets/* "$web/assets/"
	cp "$made"/icons/* "$web/icons/"
	;;
check)
	for file in "$made"/assets/* "$made"/icons/*; do
		there=$web/${file#"$made"/}
		# What is packed counts: gzip's own output differs from one version to the next.
		if [ -e "$there.gz" ]; then gzip -d -c "$there.gz"; else cat "$there"; fi | cmp - "$file"
	done
	;;
*) sed -n '2,/^set /s/^# \{0,1\}//p' "$0" && exit 2 ;;
esac
