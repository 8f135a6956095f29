#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Experiments on two CPUs and their interruptions, in one boot.
. tests/kmemlab.sh
guest_shell --cpus 2 --add "$build/tests/cpus_test" <<'GUEST'
. /guest.sh
insmod /kernel_memory.ko nr_structs=0
all_pass "experiments on two CPUs: cpus_test passes" /cpus_test
ok "experiments on two CPUs: the module can be unloaded" rmmod kernel_memory
done_testing
GUEST
