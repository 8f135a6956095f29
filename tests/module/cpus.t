#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Two CPUs, and what can come between, in one boot.
build=${BUILD:-build}
exec "${KMEMLAB:-build/kmemlab}" shell --cpus 2 --add tests/guest/tap.sh \
	--add "$build/tests/cpus_test" <<'GUEST'
. /tap.sh
insmod /kernel_memory.ko nr_structs=0
all_pass "signals, CPUs that go, CPUs that do not come" /cpus_test
ok "rmmod" rmmod kernel_memory
done_testing
GUEST
