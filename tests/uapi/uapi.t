#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The device's contract, from 64-bit and 32-bit programs: their answers are the same.
build=${BUILD:-build}
exec "${KMEMLAB:-build/kmemlab}" shell --add tests/guest/tap.sh --add "$build/tests/uapi_test" \
	--add "$build/tests/uapi_test32" <<'GUEST'
. /tap.sh
insmod /kernel_memory.ko nr_structs=0
all_pass "64-bit: each rule holds" /uapi_test
all_pass "32-bit: each rule holds" /uapi_test32
ok "rmmod" rmmod kernel_memory
done_testing
GUEST
