#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Maps of memory beside the kernel's own figures, in one boot.
build=${BUILD:-build}
exec "${KMEMLAB:-build/kmemlab}" shell --add tests/guest/tap.sh --add "$build/tests/memory_test" <<'GUEST'
. /tap.sh
insmod /kernel_memory.ko nr_structs=0
all_pass "the kernel counts the same" /memory_test
ok "rmmod" rmmod kernel_memory
done_testing
GUEST
