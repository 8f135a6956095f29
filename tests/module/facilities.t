#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Each facility at each of its limits and one beyond, in one boot.
build=${BUILD:-build}
exec "${KMEMLAB:-build/kmemlab}" shell --add tests/guest/tap.sh --add docs/facilities.md \
	--add "$build/tests/facilities_test" <<'GUEST'
. /tap.sh
table_is_documented() {
	/facilities_test table >/tmp/table
	grep '^|' /facilities.md | diff - /tmp/table
}
insmod /kernel_memory.ko nr_structs=0
all_pass "each facility at its limits" /facilities_test
ok "docs/facilities.md has the module's own table (make docs/facilities.md)" table_is_documented
ok "rmmod" rmmod kernel_memory
done_testing
GUEST
