#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Workloads, GFP profiles and conditions of memory, as one program asks for them.
build=${BUILD:-build}
exec "${KMEMLAB:-build/kmemlab}" shell ${KMEMLAB_TEST_KERNEL:+--kernel "$KMEMLAB_TEST_KERNEL" --memory 1024} --add tests/guest/tap.sh \
	--add "$build/tests/workloads_test" <<'GUEST'
. /tap.sh
tests_of() {
	"$@" >/tmp/tap; status=$?
	grep '^not ok' /tmp/tap
	return $status
}
insmod /kernel_memory.ko nr_structs=0
ok "each workload, with what it takes and refuses" tests_of /workloads_test
sed 's/^/# /' /tmp/tap
ok "rmmod" rmmod kernel_memory
insmod /kernel_memory.ko nr_structs=0 throwaway=1
ok "what only a machine that is thrown away may do" tests_of /workloads_test throwaway
sed 's/^/# /' /tmp/tap
ok "rmmod again" rmmod kernel_memory
done_testing
GUEST
