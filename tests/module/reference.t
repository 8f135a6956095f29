#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kmemlab's costs compared with hand-written loops, in one boot that counts instructions.
. tests/kmemlab.sh
build_module tests/module/reference "$scratch" || exit 1

guest_shell --counted --add "$build/tests/reference_test" \
	--add "$build/tests/uapi_test" --add "$build/tests/workloads_test" \
	--add "$scratch/reference.ko" <<'GUEST'
. /guest.sh
insmod /kernel_memory.ko nr_structs=0
ok "reference loops: the module can be loaded" insmod /reference.ko
all_pass "reference loops: reference_test passes" /reference_test
all_pass "experiment: a signal interrupts it soon" /uapi_test signal
all_pass "experiments: killed callers exit soon" /workloads_test kill
ok "reference loops: both modules can be unloaded" rmmod reference kernel_memory
insmod /kernel_memory.ko nr_structs=0 throwaway=1
all_pass "conditions: killed callers exit soon" /workloads_test kill throwaway
ok "conditions: the module can be unloaded" rmmod kernel_memory
done_testing
GUEST
