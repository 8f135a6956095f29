#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Each facility at its limits and beyond them: on a kernel that has all of them, and on the default
# kernel, whose limits are documented.
. tests/kmemlab.sh

guest_shell --kernel 7.2 --add "$build/tests/facilities_test" >"$scratch/newest" <<'GUEST'
. /guest.sh
insmod /kernel_memory.ko nr_structs=0
all_pass "facilities: facilities_test passes" /facilities_test
ok "facilities: the module can be unloaded" rmmod kernel_memory
done_testing
GUEST
status=$?
sed 's/^/# 7.2: /' "$scratch/newest"
[ "$status" = 0 ] || bail_out "facilities_test fails on Linux 7.2"

guest_shell --add docs/facilities.md \
	--add "$build/tests/facilities_test" <<'GUEST'
. /guest.sh
table_is_documented() {
	/facilities_test table >/tmp/table
	grep '^|' /facilities.md | diff - /tmp/table
}
insmod /kernel_memory.ko nr_structs=0
all_pass "facilities: facilities_test passes" /facilities_test
ok "facilities: docs/facilities.md is up to date (make docs/facilities.md)" table_is_documented
ok "facilities: the module can be unloaded" rmmod kernel_memory
done_testing
GUEST
