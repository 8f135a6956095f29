#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Loops whose number of retired instructions is known by construction, in a guest that counts.
. tests/kmemlab.sh
build_module tests/module/retired "$scratch" || exit 1

guest_shell --counted --add "$scratch/retired.ko" <<'GUEST'
. /guest.sh
ok "the module with known loops loads" insmod /retired.ko
dmesg | sed -n 's/.*retired: \(.*: retired .*\)/\1/p' >/tmp/loops
equal() {
	set -- ${1##*:}
	[ "$2" = "${3%,}" ] && [ "$5" = "${6%,}" ] && [ "$8" = "$9" ]
}
while read -r line; do
	ok "retired instructions and bytes of $line" equal "$line"
done </tmp/loops
ok "all 59 loops were measured" [ "$(wc -l </tmp/loops)" = 59 ]
rmmod retired
done_testing
GUEST
