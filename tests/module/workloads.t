#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Workloads, GFP profiles and conditions of memory, as one program asks for them.
build=${BUILD:-build}
exec "${KMEMLAB:-build/kmemlab}" shell --add tests/guest/tap.sh \
	--add "$build/tests/workloads_test" <<'GUEST'
. /tap.sh
insmod /kernel_memory.ko nr_structs=0
all_pass "each workload, with what it takes and refuses" /workloads_test
ok "rmmod" rmmod kernel_memory
insmod /kernel_memory.ko nr_structs=0 throwaway=1
join_memory_group
all_pass "what only a machine that is thrown away may do" /workloads_test throwaway
ok "rmmod again" rmmod kernel_memory
insmod /kernel_memory.ko nr_structs=0 budget_percent=100
all_pass "conditions of memory on a machine that is kept, where asked for" \
	/workloads_test throwaway few
ok "rmmod a third time" rmmod kernel_memory
done_testing
GUEST
