#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Kinds and map counts of all frames compared with /proc/kpageflags and /proc/kpagecount, in one
# boot of each kernel.
. tests/kmemlab.sh
kernels=$(echo ${KMEMLAB_TEST_KERNELS:-5.10 6.1 6.12 7.2} | tr " " ,)
"$kmemlab" build tests/module/page_types --quiet --kernel "$kernels" -o "$scratch" >"$scratch/modules" ||
	bail_out "the module in tests/module/page_types does not build"
for module in $(cat "$scratch/modules"); do
	kernel=$(basename "$(dirname "$module")")
	kernel=${kernel%-amd64}
	guest_shell --kernel "$kernel" --add "$build/tests/kinds_test" --add "$module" >"$scratch/out" <<'GUEST'
. /guest.sh
insmod /kernel_memory.ko nr_structs=0
insmod /page_types.ko
all_pass "kinds: kinds_test passes" /kinds_test
ok "kinds: the module can be unloaded" rmmod kernel_memory page_types
done_testing
GUEST
	ok "$kernel: kinds and map counts of all frames agree with the kernel's" is $? 0
	sed 's/^/# /' "$scratch/out"
done
done_testing
