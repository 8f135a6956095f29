#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Prints the path of the kernel's own checkpatch.pl, which only its source
# package has; kept in the cache. Downloads 140 MB the first time.
set -eu
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kmemlab/checkpatch

if [ ! -x "$cache/checkpatch.pl" ]; then
	package=$(apt-cache depends linux-source | sed -n 's/^ *Depends: //p' | head -n 1)
	[ -n "$package" ] || { echo "no package linux-source in the package lists" >&2; exit 1; }
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	echo "downloading $package for checkpatch.pl (140 MB) ..." >&2
	chmod 755 "$scratch"
	(cd "$scratch" && apt-get -q -o Acquire::Retries=3 download "$package" >&2)
	# tar ends as soon as it has what it wants.
	dpkg-deb --fsys-tarfile "$scratch"/linux-source-*.deb 2>/dev/null |
		tar -xO "./usr/src/$package.tar.xz" |
		tar -xJ -C "$scratch" --strip-components=2 --occurrence=1 "$package/scripts/checkpatch.pl" \
			"$package/scripts/spelling.txt" "$package/scripts/const_structs.checkpatch"
	mkdir -p "$(dirname "$cache")"
	mkdir "$scratch/checkpatch"
	mv "$scratch/checkpatch.pl" "$scratch/spelling.txt" "$scratch/const_structs.checkpatch" \
		"$scratch/checkpatch/"
	rm -rf "$cache"
	mv "$scratch/checkpatch" "$cache"
fi
echo "$cache/checkpatch.pl"
