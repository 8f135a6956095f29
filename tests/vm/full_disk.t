#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# No space for temporary files, for the cache, and for snapshots.
. tests/kmemlab.sh
# Fill the real cache first.
[ -n "${KMEMLAB_TEST_UNSHARED-}" ] || run shell -c true
unshare_test -rm

trap 'umount "$TMPDIR" "$scratch/cache"; rm -rf "$scratch"' EXIT
mount -t tmpfs -o size=2m none "$TMPDIR" || skip_all "no tmpfs can be mounted"
run shell -c true
ok "shell without space for the initramfs exits with status 125" is "$status" 125
ok "shell without space for the initramfs prints the reason" err_has '^kmemlab: cannot write .*No space left'
ok "shell without space for the initramfs leaves no files or processes" nothing_left

# Find a size in which the initramfs fits, but not the 1 MiB of memory shared with the guest.
kib=3840
while err_has '^kmemlab: cannot write to ' && [ $kib -lt 16384 ]; do
	kib=$((kib + 256))
	umount "$TMPDIR"
	mount -t tmpfs -o size=${kib}k none "$TMPDIR"
	run run --facility null --no-store
done
ok "run without space for the shared memory exits with status 125" is "$status" 125
ok "run without space for the shared memory prints one line" err_is_line '^kmemlab: no space left in '
ok "run without space for the shared memory leaves no files or processes" nothing_left
umount "$TMPDIR"
mount -t tmpfs none "$TMPDIR"

mkdir "$scratch/cache"
mount -t tmpfs -o size=20m none "$scratch/cache"
mkdir "$scratch/cache/kmemlab"
ln -s "${XDG_CACHE_HOME:-$HOME/.cache}/kmemlab/kernels" "$scratch/cache/kmemlab/kernels"
XDG_CACHE_HOME=$scratch/cache run shell -c true
ok "shell without space in the cache exits with status 125" is "$status" 125
ok "shell without space in the cache leaves no partial entry" is \
	"$(ls -A "$scratch/cache/kmemlab/partial")" ""
ok "shell without space in the cache leaves no files or processes" nothing_left

# The kernel image and the module fit, a snapshot does not.
umount "$scratch/cache"
mount -t tmpfs -o size=80m none "$scratch/cache"
mkdir "$scratch/cache/kmemlab"
ln -s "${XDG_CACHE_HOME:-$HOME/.cache}/kmemlab/kernels" "$scratch/cache/kmemlab/kernels"
XDG_CACHE_HOME=$scratch/cache run run --facility null --no-store
ok "run without space for a snapshot exits with status 0" is "$status" 0
ok "run without space for a snapshot prints one line" \
	err_is_line '^booting without a snapshot: no space left in '
ok "run without space for a snapshot leaves no partial entry" is \
	"$(ls -A "$scratch/cache/kmemlab/partial")" ""

umount "$scratch/cache"
mount -t tmpfs -o size=1m none "$scratch/cache"
XDG_CACHE_HOME=$scratch/cache run kernel fetch 6.1
ok "kernel fetch without space for package lists exits with status 125" is "$status" 125
ok "kernel fetch without space for package lists reports a full cache" err_has "^kmemlab: the cache $scratch/cache/kmemlab is full"
done_testing
