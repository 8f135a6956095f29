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
