#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# explain where it cannot work: one clear line, soon, and nothing left behind.
if [ -z "${KMEMLAB_TEST_UNSHARED-}" ]; then
	unshare -rm true 2>/dev/null || { echo "1..0 # SKIP no mount namespaces here"; exit 0; }
	KMEMLAB_TEST_UNSHARED=1 exec unshare -rm "$0"
fi
. "$(dirname "$0")/tap.sh"

# An emulator that was built without plugins, as its own words have it.
mkdir "$scratch/bin"
cat >"$scratch/bin/qemu-system-x86_64" <<-END
	#!/bin/sh
	for argument; do
		[ "\$argument" = -plugin ] || continue
		echo "qemu-system-x86_64: -plugin: plugin interface not enabled in this build" >&2
		exit 1
	done
	exec "$(command -v qemu-system-x86_64)" "\$@"
END
chmod +x "$scratch/bin/qemu-system-x86_64"
path=$PATH
PATH=$scratch/bin:$PATH
run explain kmalloc
PATH=$path
ok "no plugins: 125" is "$status" 125
ok "it says which emulator has them" err_has 'wants a QEMU with TCG plugins'
ok "no plugins: nothing is left" nothing_left

run explain kmalloc --append sysctl.kernel.kptr_restrict=2
ok "hidden addresses: 125" is "$status" 125
ok "it says what hides them" err_has 'kptr_restrict can be 0 or 1'
ok "hidden addresses: nothing is left" nothing_left

# A trace is as large as half of the disk at most.
mkdir "$scratch/small"
mount -t tmpfs -o size=24m none "$scratch/small"
tmp=$TMPDIR
TMPDIR=$scratch/small
run explain vmalloc --objects 20000
ok "a trace larger than the disk: 125" is "$status" 125
ok "it says how far it came, and what to do" err_has 'grew beyond [0-9]* MiB after [0-9]* operations: .*--objects'
ok "a trace larger than the disk: nothing is left" nothing_left
umount "$scratch/small"
TMPDIR=$tmp

# What cannot be had is said by the kernel module, in its own words.
run explain kmalloc --size 1G
ok "a size that there is not: 2" is "$status" 2
ok "it says which there are" err_has 'serves objects'
ok "nothing is left" nothing_left
finish
