#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Prints the path of what tests want of the kernel's own source and no other package has:
# checkpatch.pl, and page-types with what it is built from. Kept in the cache. Downloads
# 140 MB the first time.
set -eu
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kmemlab/source-files

if [ ! -e "$cache" ]; then
	package=$(apt-cache depends linux-source | sed -n 's/^ *Depends: //p' | head -n 1)
	[ -n "$package" ] || { echo "no package linux-source in the package lists" >&2; exit 1; }
	mkdir -p "$(dirname "$cache")"
	scratch=$(mktemp -d "$cache.XXXXXX")
	trap 'rm -rf "$scratch"' EXIT
	echo "downloading $package for checkpatch.pl and page-types (140 MB) ..." >&2
	chmod 755 "$scratch"
	mkdir "$scratch/files"
	(cd "$scratch" && apt-get -q -o Acquire::Retries=3 download "$package" >&2)
	dpkg-deb --fsys-tarfile "$scratch"/linux-source-*.deb |
		tar -xO "./usr/src/$package.tar.xz" |
		tar -xJ -C "$scratch/files" --strip-components=1 --wildcards \
			"$package/scripts/checkpatch.pl" "$package/scripts/spelling.txt" \
			"$package/scripts/const_structs.checkpatch" \
			"$package/include/uapi/linux/magic.h" \
			"$package/include/uapi/linux/kernel-page-flags.h" \
			"$package/tools/[mv]m/page-types.c" "$package/tools/include" \
			"$package/tools/lib/api" "$package/tools/lib/str_error_r.c"
	# Another one may have been as far before.
	mv -T "$scratch/files" "$cache" || [ -e "$cache" ]
fi
echo "$cache"
