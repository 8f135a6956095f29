#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# No space: for the run's own files, and for the cache.
if [ -z "${KMEMLAB_TEST_UNSHARED-}" ]; then
	unshare -rm true 2>/dev/null || { echo "1..0 # SKIP no mount namespaces here"; exit 0; }
	"${KMEMLAB:-$(dirname "$0")/../../build/kmemlab}" shell -c true </dev/null >/dev/null 2>&1
	KMEMLAB_TEST_UNSHARED=1 exec unshare -rm "$0"
fi
. "$(dirname "$0")/tap.sh"

trap 'umount "$TMPDIR" "$scratch/cache"; rm -rf "$scratch"' EXIT
mount -t tmpfs -o size=2m none "$TMPDIR" || skip_all "no tmpfs can be mounted"
run shell -c true
ok "no space for the initramfs: 125" is "$status" 125
ok "says so" err_has '^kmemlab: cannot write .*No space left'
ok "nothing is left" nothing_left

mkdir "$scratch/cache"
mount -t tmpfs -o size=20m none "$scratch/cache"
mkdir "$scratch/cache/kmemlab"
ln -s "${XDG_CACHE_HOME:-$HOME/.cache}/kmemlab/kernels" "$scratch/cache/kmemlab/kernels"
XDG_CACHE_HOME=$scratch/cache run shell -c true
ok "no space in the cache: 125" is "$status" 125
ok "no half kernel in the cache" is "$(find "$scratch/cache/kmemlab/vmlinux" -type f)" ""
ok "nothing is left" nothing_left

umount "$scratch/cache"
mount -t tmpfs -o size=1m none "$scratch/cache"
XDG_CACHE_HOME=$scratch/cache run kernel fetch 6.1
ok "no space for package lists: 125" is "$status" 125
ok "says that the cache is full" err_has "^kmemlab: the cache $scratch/cache/kmemlab is full"
finish
