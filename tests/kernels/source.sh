#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Print the directory of the distribution's kernel source, which is cached by version. The first
# call downloads 140 MB. Kernels, page-types and checkpatch.pl are taken from it.
set -euo pipefail
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kmemlab/test-kernels

package=$(apt-cache depends linux-source | sed -n 's/^ *Depends: //p' | head -n 1)
[ -n "$package" ] || { echo "no package linux-source in the package lists" >&2; exit 1; }
version=$(apt-cache policy "$package" | sed -n 's/^ *Candidate: //p')
source=$cache/$package-$version

mkdir -p "$cache"
exec 9>"$cache/source-lock"
flock 9
if [ ! -e "$source" ]; then
	scratch=$(mktemp -d "$cache/partial.XXXXXX")
	trap 'rm -rf "$scratch"' EXIT
	chmod 755 "$scratch"
	echo "downloading $package $version (140 MB) ..." >&2
	(cd "$scratch" && apt-get -q -o Acquire::Retries=3 -o APT::Sandbox::User="$(id -un)" \
		download "$package" >&2)
	dpkg-deb --fsys-tarfile "$scratch"/*.deb | tar -xO "./usr/src/$package.tar.xz" |
		tar -xJ -C "$scratch" --exclude="$package/tools/testing" \
			--exclude="$package/Documentation/[a-jl-z]*"
	mv "$scratch/$package" "$source"
fi
echo "$source"
