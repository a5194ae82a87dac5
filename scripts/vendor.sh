#!/usr/bin/env bash
# Copies the files of npm packages that the binary serves into internal/web/assets.
#
#   scripts/vendor.sh         install the pinned packages and copy
#   scripts/vendor.sh check   fail if what is committed is anything else
#
# It needs Node.js, and only whoever changes a version needs it.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
assets=$root/internal/web/assets
files="swagger-ui-bundle.js swagger-ui.css"

"$root/scripts/need.sh" npm "nodejs npm" node

# No scripts: a package's installation has no business here.
npm ci --prefix "$root/tools/reference" --ignore-scripts --no-audit --no-fund --silent
package=$root/tools/reference/node_modules/swagger-ui-dist

case ${1:-copy} in
copy)
	for file in $files; do gzip -9 -n -c "$package/$file" >"$assets/$file.gz"; done
	cp "$package/LICENSE" "$assets/swagger-ui.LICENSE"
	cp "$package/NOTICE" "$assets/swagger-ui.NOTICE"
	;;
check)
	for file in $files; do
		# What is packed counts: gzip's own output differs from one version to the next.
		gzip -d -c "$assets/$file.gz" | cmp - "$package/$file"
	done
	cmp "$package/LICENSE" "$assets/swagger-ui.LICENSE"
	cmp "$package/NOTICE" "$assets/swagger-ui.NOTICE"
	;;
*) sed -n '2,/^set /s/^# \{0,1\}//p' "$0" && exit 2 ;;
esac
