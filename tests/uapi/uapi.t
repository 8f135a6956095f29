#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Test the rules of /dev/kmemlab with a 64-bit and a 32-bit program.
. tests/kmemlab.sh
guest_shell --add "$build/tests/uapi_test" \
	--add "$build/tests/uapi_test32" <<'GUEST'
. /guest.sh
insmod /kernel_memory.ko nr_structs=0
all_pass "64-bit program: all rules of the interface hold" /uapi_test
all_pass "32-bit program: all rules of the interface hold" /uapi_test32
ok "rmmod after the tests succeeds" rmmod kernel_memory
done_testing
GUEST
