#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Workloads, GFP profiles and memory conditions, in one boot.
. tests/kmemlab.sh
guest_shell --add "$build/tests/workloads_test" <<'GUEST'
. /guest.sh
insmod /kernel_memory.ko nr_structs=0
all_pass "workloads: workloads_test passes" /workloads_test
ok "workloads: the module can be unloaded" rmmod kernel_memory
insmod /kernel_memory.ko nr_structs=0 throwaway=1
join_memory_group
all_pass "throwaway machine: workloads_test passes" /workloads_test throwaway
ok "throwaway machine: the module can be unloaded" rmmod kernel_memory
insmod /kernel_memory.ko nr_structs=0 budget_percent=100
all_pass "budget of 100 percent: memory conditions are available without throwaway" \
	/workloads_test throwaway few
ok "budget of 100 percent: the module can be unloaded" rmmod kernel_memory
done_testing
GUEST
