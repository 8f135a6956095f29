#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Test the module in a kernel with KASAN, UBSAN, lockdep, kmemleak and fault injection, in
# one boot. With KMEMLAB_TEST_ALL=1, allocations fail in every workload, on two CPUs; otherwise
# in one workload of each facility, on one CPU, which takes half the time.
. tests/kmemlab.sh
few=few cpus=1
[ -z "${KMEMLAB_TEST_ALL-}" ] || few='' cpus=2
kernel=$(tests/kernels/build.sh debug) || exit 1
{
	echo "few=$few cpus=$cpus"
	cat <<'GUEST'
. /guest.sh
mount -t debugfs debugfs /sys/kernel/debug
cycles=0	# KASAN keeps freed memory in quarantine
. /demo.sh
insmod /kernel_memory.ko nr_structs=0
all_pass "64-bit program: all rules of the interface hold" /uapi_test
all_pass "32-bit program: all rules of the interface hold" /uapi_test32
all_pass "facilities: objects of all sizes are verified" /facilities_test few
all_pass "workloads: all are verified" /workloads_test few
[ $cpus = 1 ] || all_pass "several CPUs: signals, hotplug and timeouts are handled" /cpus_test
ok "rmmod after the tests succeeds" rmmod kernel_memory
insmod /kernel_memory.ko nr_structs=0 throwaway=1
join_memory_group
all_pass "throwaway=1: workloads under conditions are verified" /workloads_test few throwaway
all_pass "ioctls: all allocation failures are handled" /fail_nth $few
ok "rmmod after fault injection succeeds" rmmod kernel_memory
all_pass "insmod: all allocation failures are handled" /fail_nth load /kernel_memory.ko
done_testing
GUEST
} | guest_shell --kernel "$kernel" --memory 512 --cpus $cpus --timeout 900 \
	--add tests/guest/slope.sh --add tests/guest/demo.sh \
	--add "$build/tests/facilities_test" --add "$build/tests/workloads_test" \
	--add "$build/tests/cpus_test" --add "$build/tests/translate_test" \
	--add "$build/tests/uapi_test" --add "$build/tests/uapi_test32" \
	--add "$build/tests/fail_nth"
