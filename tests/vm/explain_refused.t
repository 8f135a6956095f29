#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# explain without its requirements fails with one line and leaves no files or processes.
. tests/kmemlab.sh
unshare_test -rm

# A QEMU that was built without plugins, with its original message
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
ok "explain with a QEMU without plugins exits with status 125" is "$status" 125
ok "explain with a QEMU without plugins names the requirement" err_has 'requires QEMU with TCG plugins'
ok "explain with a QEMU without plugins leaves no files or processes" nothing_left

run explain kmalloc --append sysctl.kernel.kptr_restrict=2
ok "explain with hidden addresses exits with status 125" is "$status" 125
ok "explain with hidden addresses suggests kptr_restrict" err_has 'kptr_restrict to 0 or 1'
ok "explain with hidden addresses leaves no files or processes" nothing_left

# A trace may use half of the free space.
mkdir "$scratch/small"
mount -t tmpfs -o size=24m none "$scratch/small"
tmp=$TMPDIR
TMPDIR=$scratch/small
run explain vmalloc --objects 20000
ok "explain with a trace that is too large exits with status 125" is "$status" 125
ok "explain with a trace that is too large suggests fewer objects" err_has 'exceeded [0-9]* MiB after [0-9]* operations (use fewer --objects)'
ok "explain with a trace that is too large leaves no files or processes" nothing_left
umount "$scratch/small"
TMPDIR=$tmp

# The module reports unsupported sizes.
run explain kmalloc --size 1G
ok "explain with an unsupported size exits with status 2" is "$status" 2
ok "explain with an unsupported size prints the supported sizes" err_has 'allocates objects of'
ok "explain with an unsupported size leaves no files or processes" nothing_left
done_testing
