#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The module builds inside of a kernel tree as CONFIG_KMEMLAB=m: a tree of links to the
# distribution's kernel source, with the module in mm/kmemlab. Builds only what the module
# needs: a few minutes.
set -u
. tests/tap.sh
source=$(tests/kernels/source.sh) || { echo "Bail out! no kernel source"; exit 1; }
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
tree=$scratch/tree objects=$scratch/objects
mkdir "$objects"

# Copy the files that are changed; link all others.
cp -rs "$source" "$tree"
cp --remove-destination "$source"/mm/{Kconfig,Makefile} "$tree/mm/"
mkdir "$tree/mm/kmemlab"
git ls-files -co --exclude-standard -- module | sed 's|^module/||' |
	(cd module && xargs cp --parents -t "$tree/mm/kmemlab")
cp include/uapi/linux/kmemlab.h "$tree/include/uapi/linux/"
echo 'source "mm/kmemlab/Kconfig"' >>"$tree/mm/Kconfig"
echo 'obj-$(CONFIG_KMEMLAB) += kmemlab/' >>"$tree/mm/Makefile"

kbuild() {
	make -s -C "$tree" O="$objects" -j"$(nproc)" KCFLAGS=-Wno-error "$@"
}
configure() {
	{ cat tests/kernels/base; echo "CONFIG_KMEMLAB=$1"; } >"$scratch/config"
	KCONFIG_ALLCONFIG=$scratch/config kbuild allnoconfig
}
has_config() {
	grep -qx "$1" "$objects/.config"
}
build() {
	kbuild mm/kmemlab/kernel_memory.ko >"$scratch/log" 2>&1 || { tail -n 30 "$scratch/log"; return 1; }
	! grep -E "kmemlab.*(warning|error)|undefined.*kernel_memory" "$scratch/log"
}

ok "kernel tree: allnoconfig accepts CONFIG_KMEMLAB=m" configure m
ok "kernel tree: CONFIG_KMEMLAB=m is selected" has_config CONFIG_KMEMLAB=m
ok "kernel tree: kernel_memory.ko builds without a warning" build
ok "kernel tree: the result is a module" test -s "$objects/mm/kmemlab/kernel_memory.ko"
done_testing
