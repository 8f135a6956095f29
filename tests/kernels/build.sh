#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Build a kernel from the distribution's source, and print its build tree. The configuration is
# the file "base" with the arguments: files in this directory, or CONFIG_NAME=value. The build
# is cached by source version, configuration and compiler (LLVM=1: clang). On two cores the
# first takes 4 minutes, one with few changes half a minute, debug 5 to 10 minutes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kmemlab/test-kernels
config=$(cd "$here" && for part in base "$@"; do
	case "$part" in
	*=*)	echo "$part" ;;
	*)	cat "$part" ;;
	esac
done)

source=$("$here/source.sh")
compiler=${LLVM:+clang}
key=$({ echo "${source##*/}"; "${compiler:-gcc}" --version; echo "$config"; } |
	sha256sum | cut -c1-16)
objects=$cache/objects${compiler:+-$compiler}
tree=$cache/$key

exec 9>"$cache/lock"
flock 9
scratch=$(mktemp -d "$cache/partial.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

if [ ! -e "$tree" ]; then
	echo "building a kernel${*:+ with $*} ..." >&2
	# Reuse the objects of the previous build.
	mkdir -p "$objects"
	echo "$config" >"$scratch/config"
	{
		KCONFIG_ALLCONFIG=$scratch/config make -s -C "$source" O="$objects" allnoconfig &&
		make -s -C "$source" O="$objects" -j"$(nproc)" KCFLAGS=-w bzImage modules
	} >"$scratch/log" 2>&1 || { tail -n 40 "$scratch/log" >&2; exit 1; }
	# Building modules does not require the kernel's objects.
	mkdir "$scratch/tree"
	tar -c -C "$objects" --exclude='./vmlinux.a' --exclude='./.tmp_vmlinux*' \
		--exclude-from=<(cd "$objects" && find . -name '*.[oa]' ! -path './scripts/*' \
		! -path './tools/*') . | tar -x -C "$scratch/tree"
	mv "$scratch/tree" "$tree"
fi
echo "$tree"
