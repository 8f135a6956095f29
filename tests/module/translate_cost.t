#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What translating and mapping cost in instructions, beside what the kernel itself
# offers for that, in one boot.
build=${BUILD:-build}
exec "${KMEMLAB:-build/kmemlab}" shell --counted --memory 2048 --add tests/guest/tap.sh \
	--add "$build/tests/translate_test" <<'GUEST'
. /tap.sh
measure() {
	/translate_test >/tmp/tap; status=$?
	grep '^not ok' /tmp/tap
	return $status
}
insmod /kernel_memory.ko nr_structs=0
ok "the figures hold" measure
sed 's/^/# /' /tmp/tap
ok "rmmod" rmmod kernel_memory
done_testing
GUEST
