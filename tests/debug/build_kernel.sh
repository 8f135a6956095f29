#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the debug kernel from the distribution's own kernel source and prints
# its build tree. Kept in the cache by source version, configuration and
# compiler: 7 minutes the first time on two cores, none later.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kmemlab/debug-kernels

package=$(apt-cache depends linux-source | sed -n 's/^ *Depends: //p' | head -n 1)
[ -n "$package" ] || { echo "no package linux-source in the package lists" >&2; exit 1; }
version=$(apt-cache policy "$package" | sed -n 's/^ *Candidate: //p')
key=$({ echo "$version"; gcc --version; cat "$here/config"; } | sha256sum | cut -c1-16)
tree=$cache/$package-$key

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ ! -e "$tree/arch/x86/boot/bzImage" ]; then
	scratch=$(mktemp -d "$cache/partial.XXXXXX")
	trap 'rm -rf "$scratch"' EXIT
	echo "downloading $package $version (140 MB) ..." >&2
	(cd "$scratch" && apt-get -q -o Acquire::Retries=3 -o APT::Sandbox::User="$(id -un)" \
		download "$package" >&2)
	dpkg-deb --fsys-tarfile "$scratch"/*.deb | tar -xO "./usr/src/$package.tar.xz" |
		tar -xJ -C "$scratch" --exclude="$package/tools/testing" \
			--exclude="$package/Documentation/[a-jl-z]*"
	cd "$scratch/$package"
	echo "building the debug kernel, about 7 minutes on two cores ..." >&2
	KCONFIG_ALLCONFIG=$here/config make -s allnoconfig >&2
	make -s -j"$(nproc)" bzImage modules KCFLAGS=-w >"$scratch/log" 2>&1 || { tail -n 40 "$scratch/log" >&2; exit 1; }
	# Modules are built against it: objects are not needed any more.
	find . -name '*.o' ! -path './scripts/*' ! -path './tools/objtool/*' -delete
	rm -f "$scratch"/*.deb vmlinux.a
	rm -rf "$tree"
	mv "$scratch/$package" "$tree"
fi
echo "$tree"
