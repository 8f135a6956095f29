#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Physical maps compared with the kernel's own counts, in one boot.
. tests/kmemlab.sh
guest_shell --add "$build/tests/memory_test" <<'GUEST'
. /guest.sh
insmod /kernel_memory.ko nr_structs=0
all_pass "physical map: memory_test passes" /memory_test
ok "physical map: the module can be unloaded" rmmod kernel_memory
done_testing
GUEST
