#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# All that the module does, in a kernel that finds what ordinary ones do not, in
# one boot: KASAN, UBSAN, lockdep, kmemleak, and memory that is refused on purpose.
# KMEMLAB_TEST_ALL=1 has memory refused in every workload, on two CPUs, and what can come between
# those; otherwise in one workload of each facility, on one CPU, which takes half the time.
build=${BUILD:-build}
few=few cpus=1
[ -z "${KMEMLAB_TEST_ALL-}" ] || few='' cpus=2
kernel=$(tests/kernels/build.sh debug) || exit 1
{
	echo "few=$few cpus=$cpus"
	cat <<'GUEST'
. /tap.sh
mount -t debugfs debugfs /sys/kernel/debug
cycles=0	# this kernel holds back what was freed
. /studio.sh
insmod /kernel_memory.ko nr_structs=0
all_pass "the contract, 64-bit" /uapi_test
all_pass "the contract, 32-bit" /uapi_test32
all_pass "each facility at its limits" /facilities_test few
all_pass "each workload" /workloads_test few
[ $cpus = 1 ] || all_pass "signals, CPUs that go, CPUs that do not come" /cpus_test
ok "rmmod" rmmod kernel_memory
insmod /kernel_memory.ko nr_structs=0 throwaway=1
join_memory_group
all_pass "what only a machine that is thrown away may do" /workloads_test few throwaway
all_pass "each request for memory refused once" /fail_nth $few
ok "rmmod" rmmod kernel_memory
all_pass "each request for memory of loading refused once" /fail_nth load /kernel_memory.ko
done_testing
GUEST
} | "${KMEMLAB:-build/kmemlab}" shell --kernel "$kernel" --memory 512 --cpus $cpus --timeout 900 \
	--add tests/guest/tap.sh --add tests/guest/slope.sh --add tests/guest/studio.sh \
	--add "$build/tests/facilities_test" --add "$build/tests/workloads_test" \
	--add "$build/tests/cpus_test" --add "$build/tests/translate_test" \
	--add "$build/tests/uapi_test" --add "$build/tests/uapi_test32" \
	--add "$build/tests/fail_nth"
